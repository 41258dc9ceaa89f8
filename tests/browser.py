"""A real browser for the tests: Chromium without a window, driven over its DevTools protocol.

    python tests/browser.py PAGE.html SELECTOR PICTURE.png [WIDTH]     a part of a page as a picture

The protocol is JSON over a WebSocket, of which this is as much as it takes: https://www.rfc-editor.org/rfc/rfc6455.
"""

import base64
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--remote-allow-origins=*",
    "--autoplay-policy=no-user-gesture-required", "--no-first-run", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


def find_browser() -> str | None:
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class WebSocket:
    """Texts sent to a server and received from it."""

    def __init__(self, url: str):
        host, _, path = url.removeprefix("ws://").partition("/")
        name, port = host.split(":")
        self.socket = socket.create_connection((name, int(port)), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        head = (f"GET /{path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", "", "")  # fmt: skip
        self.socket.sendall("\r\n".join(head).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(1)
        assert b" 101 " in answer.split(b"\r\n")[0], answer

    def send(self, text: str) -> None:
        content, mask = text.encode(), os.urandom(4)
        size = len(content)
        length = bytes([128 | size]) if size < 126 else struct.pack(">BH", 254, size)
        if size > 65535:
            length = struct.pack(">BQ", 255, size)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(content))
        self.socket.sendall(b"\x81" + length + mask + masked)

    def receive(self) -> str:
        content, final = b"", False
        while not final:
            first, size = self._take(2)
            if size == 126:
                (size,) = struct.unpack(">H", self._take(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._take(8))
            part = self._take(size)
            if first & 15 in (0, 1):  # no ping
                content, final = content + part, bool(first & 128)
        return content.decode()

    def _take(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            more = self.socket.recv(count - len(taken))
            assert more, "the browser has closed the connection"
            taken += more
        return bytes(taken)


class Browser:
    """One window. `errors` are the exceptions, errors and violations in its console; `requests` what it has loaded."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp())
        command = [find_browser(), *OPTIONS, f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self._port()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as answer:
            window = next(one for one in json.load(answer) if one["type"] == "page")
        self.socket, self.number = WebSocket(window["webSocketDebuggerUrl"]), 0
        self.errors, self.requests, self.loaded = [], [], False
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def _port(self) -> str:
        file = self.folder / "DevToolsActivePort"
        for _ in range(600):
            if file.exists() and file.read_text().strip():
                return file.read_text().split()[0]
            assert self.process.poll() is None, "the browser has ended"
            time.sleep(0.1)
        raise AssertionError("the browser has not started within a minute")

    def call(self, method: str, **params) -> dict:
        """One command of the protocol and its answer."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = self._next()
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]

    def _next(self) -> dict:
        message = json.loads(self.socket.receive())
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(params["args"])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(params["entry"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True
        return message

    def open(self, path: Path, width: int = 1000, dark: bool = False) -> float:
        """Open a file in a window of so many pixels; returns the seconds until it was loaded and drawn."""
        self.errors, self.requests, self.loaded = [], [], False
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        begin = time.perf_counter()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self.loaded:
            self._next()
        self.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        return time.perf_counter() - begin

    def run(self, script: str):
        """The value of an expression in the page, as plain data; a promise is waited for."""
        options = {"returnByValue": True, "awaitPromise": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", expression=script, **options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """A key, as a user presses it."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39, "Home": 36}
        text = {"text": {"Enter": "\r"}.get(key, key)} if key in ("Enter", " ") else {}
        for kind in ("keyDown", "keyUp"):
            more = text if kind == "keyDown" else {}
            code = {" ": "Space"}.get(key, key)
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code, windowsVirtualKeyCode=codes[key], **more)

    def screenshot(self, selector: str = "html") -> bytes:
        """The whole page, or the first of its elements that is selected, as a PNG."""
        box = f"JSON.stringify(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        clip = {name: json.loads(self.run(box))[name] for name in ("x", "y", "width", "height")} | {"scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    page, selector, picture, *width = sys.argv[1:]
    window = Browser()
    window.open(Path(page), int(*width or [900]))
    window.run("document.querySelectorAll('.melody').forEach((one) => (one.style.contentVisibility = 'visible'))")
    Path(picture).write_bytes(window.screenshot(selector))
    window.close()
