import copy

from pipeline.evaluation.report import FIGURES, OUTDATED, markdown_table, table

EVALUATION = {
    "version": 2,
    "survey": "Some galaxies",
    "simulated": False,
    "k": 10,
    "seeds": 5,
    "caption": "k = 10.",
    "n_galaxies": 50_000,
    "n_evaluated": 20_000,
    "representations": {"embedding": "what is searched by", "random": "no knowledge"},
    "absent": {"ImageNet": "not installed"},
    "figures": {"k-NN RMSE": FIGURES["k-NN RMSE"], "first rank": FIGURES["first rank"]},
    "sections": [
        {
            "title": "Labels",
            "note": "All of them.",
            "lines": [
                {
                    "subject": "t_type",
                    "n": 4000,
                    "figure": "k-NN RMSE",
                    "values": {"embedding": [1.5, 0.04], "random": [4.4, 0.1]},
                },
                {
                    "subject": "t_type",
                    "n": 4000,
                    "figure": "k-NN R2",
                    "values": {"embedding": [0.8, 0.01], "random": [-0.1, 0.02]},
                },
                {
                    "subject": "kind: lens",
                    "n": 9,
                    "figure": "first rank",
                    "values": {"random": [150, 0]},
                },
            ],
        }
    ],
}


def test_the_table_has_a_line_for_each_figure():
    lines = table(EVALUATION).splitlines()
    assert lines[0] == (
        "Some galaxies: 20,000 of 50,000 galaxies, drawn at random; neighbours are sought among "
        "these alone"
    )
    head = next(i for i, line in enumerate(lines) if line.split() == [
        "n", "figure", "embedding", "random",
    ])  # fmt: skip
    assert lines[head + 1].split() == [
        "t_type", "4,000", "k-NN", "RMSE", "1.500", "±0.040*", "4.400", "±0.100",
    ]  # fmt: skip
    # The label is not repeated; of R2 more is better.
    assert lines[head + 2].split() == ["k-NN", "R2", "0.800", "±0.010*", "-0.100", "±0.020"]
    # Ranks are whole, an exact value has no spread, and what was not measured is a dash.
    assert lines[head + 3].split() == ["kind:", "lens", "9", "first", "rank", "-", "150*"]


def test_the_table_explains_itself_and_fits_a_terminal():
    text = table(EVALUATION)
    for part in (
        "no knowledge",
        "ImageNet: left out; not installed",
        "All of them.",
        "median rank",
    ):
        assert part in text
    assert max(map(len, text.splitlines())) <= 118


def test_in_markdown_the_best_is_bold():
    lines = markdown_table(EVALUATION).splitlines()
    assert "| Labels | n | figure | embedding | random |" in lines
    assert "| t_type | 4,000 | k-NN RMSE | **1.500 ±0.040** | 4.400 ±0.100 |" in lines
    assert "|  |  | k-NN R2 | **0.800 ±0.010** | -0.100 ±0.020 |" in lines


def test_figures_of_an_older_release_are_not_misread():
    old = copy.deepcopy(EVALUATION)
    del old["version"]
    assert table(old) == markdown_table(old) == OUTDATED
