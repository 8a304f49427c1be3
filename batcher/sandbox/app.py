"""
The emulator as an aiohttp application.

A call passes the credentials check, the fault plan, half the latency, the work, the other half, the reply. With the
work in the middle, a caller that gives up or a process that is killed leaves jobs made as well as jobs not made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import partial
from pathlib import Path
from random import Random

from aiohttp import web

from batcher.sandbox.account import is_admitted
from batcher.sandbox.answers import answer_call
from batcher.sandbox.endpoints import Target, find_target
from batcher.sandbox.fault import FaultKind
from batcher.sandbox.fault_effect import Scene, reset, suffer
from batcher.sandbox.fault_file import read_plan
from batcher.sandbox.fault_plan import FaultPlan
from batcher.sandbox.journal import Journal
from batcher.sandbox.observation import Tally, watch
from batcher.sandbox.pages import edge_page, unauthorized_page
from batcher.sandbox.reply import as_page, wants_json
from batcher.sandbox.settings import SandboxSettings, latency_range
from batcher.sandbox.wire import pause, read_call, send
from batcher.sandbox.world import World

WORLD = web.AppKey("world", World)

# A document may be large; the vendor publishes no limit.
_LARGEST_BODY_BYTES = 256 * 1024 * 1024


def create_app(settings: SandboxSettings, *, clock: Callable[[], float]) -> web.Application:
    """
    The application, its world loaded.

    Raises:
        SandboxError: The fault plan or the state file cannot be used.
    """
    plan = settings.faults
    if plan is None or isinstance(plan, Path):
        plan = read_plan(plan, seed=settings.seed) if plan else FaultPlan()
    if settings.clock_off:
        clock = _shifted(clock, settings.clock_off)
    world = World(settings, Journal(settings.state) if settings.state else None)
    tally = Tally()
    remote = Remote(world, plan, tally, clock)
    app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
    app[WORLD] = world
    watch(app, world, tally, clock)
    app.router.add_route("*", "/{path:.*}", remote.answer)
    app.on_response_prepare.append(remote.date)
    app.on_shutdown.append(remote.stop)
    app.on_cleanup.append(remote.close)
    return app


class Remote:
    """The remote as a caller meets it over HTTP."""

    def __init__(self, world: World, plan: FaultPlan, tally: Tally, clock: Callable[[], float]) -> None:
        """Set it up; nothing runs yet."""
        self._world = world
        self._plan = plan
        self._tally = tally
        self._clock = clock
        self._latency = latency_range(world.settings.latency)
        self._random = Random(world.settings.seed)  # noqa: S311  draws latencies, guards nothing
        self._closing = asyncio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, with a fault where the plan has one."""
        target = find_target(request.method, request.path)
        if isinstance(target, int):
            return send(edge_page(target))
        self._tally.calls[target.endpoint] += 1
        if not is_admitted(request.headers.get("Authorization", ""), self._world.settings.require_auth):
            return send(unauthorized_page())
        try:
            return await self._answer_admitted(request, target)
        except ConnectionResetError:
            # The caller hung up before its request was whole: nobody is there to be answered.
            return web.Response()

    async def date(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Date a reply by the remote's clock, which need not be this machine's."""
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)

    async def stop(self, _app: web.Application) -> None:
        """Let nothing wait any longer."""
        self._closing.set()

    async def close(self, _app: web.Application) -> None:
        """Let go of the state file."""
        self._world.close()

    async def _answer_admitted(self, request: web.Request, target: Target) -> web.StreamResponse:
        early = not self._plan.looks_at_parameters(target.endpoint)
        fault = self._plan.next(target.endpoint, {}) if early else None
        if fault is not None and fault.kind is FaultKind.REFUSE:
            self._tally.faults[fault.kind] += 1
            return reset(request)
        call = await read_call(request, target, self._clock())
        if not early:
            fault = self._plan.next(target.endpoint, _with_id(call.parameters, call.ids))
        half_s = self._draw_latency() / 2
        if half_s:
            await pause(half_s, self._closing)
            # The lag of a listing counts from the work, not from the arrival.
            call = replace(call, now=self._clock())
        json_wanted = wants_json(request.headers.get("Accept", ""))
        act = partial(answer_call, self._world, call)
        if fault is None:
            page = as_page(act(), json_wanted=json_wanted)
            await pause(half_s, self._closing)
            return send(page)
        self._tally.faults[fault.kind] += 1
        scene = Scene(request=request, call=call, act=act, json_wanted=json_wanted, closing=self._closing)
        return await suffer(fault, scene)

    def _draw_latency(self) -> float:
        low, high = self._latency
        return low if low == high else self._random.uniform(low, high)


def _shifted(clock: Callable[[], float], seconds: float) -> Callable[[], float]:
    return lambda: clock() + seconds


def _with_id(parameters: Mapping[str, str], ids: tuple[int, ...]) -> Mapping[str, str]:
    return {**parameters, "id": str(ids[0])} if ids else parameters
