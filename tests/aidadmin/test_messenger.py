"""The web process hands its jobs to the worker's broker, whichever thread asks."""

from concurrent.futures import ThreadPoolExecutor

from aidadmin.celery import app
from office.jobs import run


def test_every_thread_knows_the_broker() -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: (run.app.main, run.app.conf.broker_url)).result()
    assert asked == ("aidadmin", app.conf.broker_url)
