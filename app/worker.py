"""Run the worker of one gateway alone, beside an API that was started with OPTITRACE_WORKER=false."""

import signal
import sys
from types import FrameType

from app import failpoints
from app.logs import log_as_json
from app.settings import Settings
from app.starting import CANNOT_START, ground_of, reason, worker_of


def main() -> None:
    """Read the settings and work until SIGTERM or SIGINT; the turn that is under way is finished first."""
    try:
        settings = Settings.from_environment()
        log_as_json(settings.log_level)
        ground = ground_of(settings)
        worker = worker_of(settings, ground)
    except CANNOT_START as error:
        sys.exit(f"optitrace: {reason(error)}")
    if settings.failpoint is not None and ground.network.development:
        failpoints.arm(settings.failpoint)

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    worker.run()
    ground.database.close()


if __name__ == "__main__":
    main()
