"""``python -m fedcommune``."""

from __future__ import annotations

from fedcommune.cli.main import main

if __name__ == "__main__":
    main(prog_name="fedcommune")
