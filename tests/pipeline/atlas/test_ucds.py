"""What columns mean in the IVOA's words comes along from the files that say it."""

import pandas as pd
from astropy.io import fits
from astropy.table import Table

from pipeline.atlas import Column
from pipeline.atlas.catalogue import read_atlas_catalogue, read_catalogue, write_catalogue

MEANINGS = {"sp": "stat.probability", "name": "", "bt": "phot.mag;em.opt.B"}


def table():
    found = Table({"name": ["a", "b"], "sp": [0.25, 0.5], "bt": [14.0, 15.0]})
    for name, meaning in MEANINGS.items():
        if meaning:
            found[name].meta["ucd"] = meaning
    return found


def test_votables_and_fits_files_say_it(tmp_path):
    table().write(tmp_path / "galaxies.vot", format="votable")
    plain = table()
    plain.write(tmp_path / "galaxies.fits")
    with fits.open(tmp_path / "galaxies.fits", mode="update") as hdus:
        hdus[1].header["TUCD2"], hdus[1].header["TUCD3"] = MEANINGS["sp"], MEANINGS["bt"]
    for name in ("galaxies.vot", "galaxies.fits"):
        _, columns = read_catalogue(tmp_path / name)
        assert {one.name: one.ucd for one in columns.values()} == MEANINGS, name


def test_an_atlas_keeps_it(tmp_path):
    columns = [Column("object_id"), Column("ra_deg", "deg"), Column("dec_deg", "deg")]
    columns.append(Column("sp", "", "Share", "stat.probability"))
    frame = pd.DataFrame({"object_id": ["a"], "ra_deg": [1.0], "dec_deg": [2.0], "sp": [0.5]})
    write_catalogue([frame], columns, tmp_path / "catalogue.parquet")
    assert list(read_atlas_catalogue(tmp_path / "catalogue.parquet")[1].values()) == columns
