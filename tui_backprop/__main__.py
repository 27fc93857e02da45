"""``python -m tui_backprop``."""

from tui_backprop.cli.main import main

if __name__ == "__main__":
    main()
