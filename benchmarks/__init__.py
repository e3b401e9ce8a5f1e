"""What is measured, against what: `python -m benchmarks`.

Every figure is a ratio to a floor measured in the same run, alternating with it, so that a slow or busy machine moves
both. The floor is a minimal Flask page under the same gunicorn (see floor/app.py).
"""
