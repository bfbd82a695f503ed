"""Two atlases and the calls of their pages, for tests of the whole app."""

from dataclasses import replace

import numpy as np

from dashboard.explorer.explorer import Explorer
from pipeline.atlas import ENCODER, EncoderInput
from pipeline.atlas.manifest import FileInfo
from tests.dashboard.small_atlas import random_unit_rows, small_atlas


def explorer_called(name, simulated=True, object_ids="G"):
    columns = {
        "object_id": [f"{object_ids}{row}" for row in range(30)],
        "mag_z": np.linspace(14, 20, 30),
    }
    atlas = small_atlas(random_unit_rows(30, 4), columns=columns)
    manifest = replace(
        atlas.manifest,
        name=name,
        title=f"Atlas {name}",
        simulated=simulated,
        encoder_input=EncoderInput(field_px=96, input_px=64),
        files={ENCODER: FileInfo(sha256="", bytes=0)},
    )
    return Explorer(replace(atlas, manifest=manifest))


def ask(client, output, inputs, state=(), changed=(), atlas="one"):
    """Call a callback as the browser does; return its answer and what it sets beside."""
    outputs = [
        {"id": part.split(".")[0], "property": part.split(".")[1]}
        for part in output.strip(".").split("...")
    ]
    answer = client.post(
        f"/atlas/{atlas}/_dash-update-component",
        json={
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "inputs": inputs,
            "state": list(state),
            "changedPropIds": list(changed),
        },
    )
    return answer.status_code, answer.get_json()


def callback_of(app, name):
    """Return the output of the callback whose function is called ``name``."""
    for output, callback in app.callback_map.items():
        function = callback.get("callback")
        if function is not None and function.__name__ == name:
            return output
    raise LookupError(name)
