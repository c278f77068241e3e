"""The bare Flask hello-world that reading the standings is measured against."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "hello, world"
