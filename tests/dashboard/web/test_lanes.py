"""Who waits for whom: tiles of maps hold nobody else up."""

import threading
from types import SimpleNamespace

from dashboard.web.lanes import Lanes


class Asked:
    """What a connection is to lanes: a request, and a service that waits until it may end."""

    def __init__(self, path, go_on):
        self.requests = [SimpleNamespace(path=path, error=None)]
        self.is_download = self.will_close = False
        self._go_on, self.is_served = go_on, threading.Event()

    def service(self):
        self._go_on.wait(20)
        self.is_served.set()


def test_answers_do_not_wait_for_tiles_of_maps():
    lanes, later, now = Lanes(lambda: True), threading.Event(), threading.Event()
    now.set()
    tiles = [Asked(f"/map-tiles/a/picture/2/0/{y}", later) for y in range(30)]
    for tile in tiles:
        lanes.add_task(tile)
    answer = Asked("/atlas/a/_dash-update-component", now)
    lanes.add_task(answer)
    assert answer.is_served.wait(10)
    assert not any(tile.is_served.is_set() for tile in tiles)
    later.set()
    assert all(tile.is_served.wait(10) for tile in tiles)
    lanes.shutdown()
