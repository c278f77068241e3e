"""What the demo says when it starts: where it can be reached and who may sign in."""

import io
import socket

import segno

from quiz.demo import county, making


def own_address() -> str:
    """This machine's address in the local network, or 127.0.0.1 where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: it only asks the system which of its addresses would be used. The target is
            # from the range kept for documentation.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def sentences(code: str, *, address: str, port: int, drawn: bool) -> str:
    """Every address and sign-in, and the phone's address as a QR code (``drawn`` on a terminal)."""
    here, phone = f"http://127.0.0.1:{port}", f"http://{address}:{port}/e/{code}"
    named = {one.name: one for one in county.roster()[: len(county.CAST)]}
    first, second, third = named.values()
    picture = f"\n{_picture(phone)}\n" if drawn else ""
    return f"""
明试 · {county.NAME}（演示，人名和单位都是虚构的）

  手机答题    {phone}
              手机要和这台电脑连同一个网络{"，扫下面的码" if drawn else ""}
{picture}
  现场大屏    {here}/board/{code}
  组织者      {here}/admin/
              账号 {making.ACCOUNT}，密码 {making.PASSWORD}
  首页        {here}/

  考生（“{making.OPEN_TITLE}”，场次码 {code}）
    {first.name}，{first.unit}，手机号 {first.phone}
    {second.name}，{second.unit}，手机号 {second.phone}
    {third.name}，{third.unit}，工号 {third.number}，口令 {county.PASSCODE}

  同一网络里的人都能打开。按 Ctrl-C 停止。
"""


def _picture(text: str) -> str:
    lines = io.StringIO()
    segno.make(text, error="l").terminal(lines, compact=True, border=2)
    return lines.getvalue().rstrip("\n")
