import pytest

from pipeline.config import HardwareConfig
from pipeline.encoder.hardware import HardwareError, _processes, leads, open_fabric

VARIABLES = (
    "RANK", "LOCAL_RANK", "NODE_RANK", "LOCAL_WORLD_SIZE", "WORLD_SIZE", "TORCHELASTIC_RUN_ID",
    "SLURM_PROCID", "SLURM_NTASKS", "SLURM_NNODES", "SLURM_JOB_NAME",
)  # fmt: skip


@pytest.fixture
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return lambda **values: [monkeypatch.setenv(*item) for item in values.items()]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, True),
        ({"LOCAL_RANK": "0", "NODE_RANK": "0"}, True),
        ({"LOCAL_RANK": "1", "SLURM_PROCID": "0"}, False),  # of Fabric, in an interactive job
        ({"LOCAL_RANK": "0", "NODE_RANK": "1"}, False),
        ({"RANK": "2", "LOCAL_RANK": "0"}, False),
        ({"RANK": "0", "LOCAL_RANK": "0", "SLURM_PROCID": "1"}, True),  # torchrun on another node
        ({"SLURM_PROCID": "3"}, False),
        ({"SLURM_PROCID": "0"}, True),
    ],
)
def test_one_process_leads_whoever_has_started_them(environment, variables, expected):
    environment(**variables)
    assert leads() is expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, (4, 2)),
        ({"TORCHELASTIC_RUN_ID": "x", "WORLD_SIZE": "6", "LOCAL_WORLD_SIZE": "2"}, (2, 3)),
        ({"SLURM_NTASKS": "16", "SLURM_NNODES": "2"}, (8, 2)),
        ({"SLURM_NTASKS": "16", "SLURM_NNODES": "2", "SLURM_JOB_NAME": "bash"}, (4, 2)),
    ],
)
def test_whoever_starts_processes_knows_their_number(environment, variables, expected):
    environment(**variables)
    assert _processes(HardwareConfig(devices=4, nodes=2), "cpu") == expected


def test_one_process_runs_on_a_cpu_if_nothing_is_said(environment):
    assert _processes(HardwareConfig(), "cpu") == (1, 1)


def test_an_accelerator_that_is_not_there_is_named(environment, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(HardwareError, match=r"asks for 2 x 'cuda', this machine has 0"):
        open_fabric(HardwareConfig(accelerator="cuda", devices=2))
