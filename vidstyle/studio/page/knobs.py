"""The settings that artists turn, and below them others; the rest is left to the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from vidstyle.settings import PRESETS, choices
from vidstyle.studio.desk import Desk
from vidstyle.studio.knobs import CHOSEN, KNOBS, MORE, NUMBERS, Knob
from vidstyle.studio.page.told import told


class Knobs:
    """Shows them as they are on the desk, and changes them there; then `changed` is called."""

    def __init__(self, desk: Desk, changed: Callable[[], object]) -> None:
        self._desk, self._changed = desk, changed
        self.build()

    @ui.refreshable_method
    def build(self) -> None:
        """All of them."""
        desk = self._desk
        ui.select(list(PRESETS), value=desk.preset, label="Preset", on_change=told(self._preset)).classes("full")
        ui.label(PRESETS[desk.preset][0]).classes("soft")
        for knob in KNOBS:
            self._slider(knob)
        for key, title in CHOSEN.items():
            self._select(key, title)
        for key, title in NUMBERS.items():
            self._input(key, title)
        with ui.expansion("More").classes("full"):
            for key, title in MORE.items():
                if choices(key):
                    self._select(key, title)
                else:
                    self._input(key, title)
            ui.label("Every other setting is a flag of the command: vidstyle --help.").classes("soft")

    def _default(self, key: str) -> str:
        """A setting where nothing is asked for here."""
        value = self._desk.line.resolve({}, self._desk.preset).get(key)
        return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)

    def _slider(self, knob: Knob) -> None:
        default = self._default(knob.key)
        text = self._desk.settings.get(knob.key, default)
        values = list(dict.fromkeys([*(f"{value:g}" for value in knob.values), default, text]))
        if all(_is_number(value) for value in values):
            values.sort(key=float)
        with ui.element("div").classes("knob"):
            with ui.element("div").classes("line"):
                ui.label(knob.title)
                shown = ui.label(text)

            def take() -> None:
                self._set(knob.key, values[int(slider.value)], default)

            slider = ui.slider(min=0, max=len(values) - 1, value=values.index(text)).props(f"aria-label={knob.key}")
            slider.on_value_change(lambda event: shown.set_text(values[int(event.value)]))
            slider.on("change", told(take))
            self._explain(slider, knob.key)

    def _select(self, key: str, title: str) -> None:
        default = self._default(key)

        def take(event: ValueChangeEventArguments[Any]) -> None:
            self._set(key, str(event.value), default)

        value = self._desk.settings.get(key, default)
        made = ui.select(list(choices(key)), value=value, label=title, on_change=told(take)).classes("full")
        self._explain(made, key)

    def _input(self, key: str, title: str) -> None:
        default = self._default(key)
        made = ui.input(title, value=self._desk.settings.get(key, ""), placeholder=default).classes("full")

        def take(event: ValueChangeEventArguments[Any]) -> None:
            self._set(key, str(event.value or "").strip(), default)

        made.props("debounce=400 stack-label").on_value_change(told(take))
        self._explain(made, key)

    def _explain(self, element: ui.element, key: str) -> None:
        with element:
            ui.tooltip(self._desk.line.help(key)).props("delay=600")

    def _set(self, key: str, value: str, default: str) -> None:
        self._desk.set(key, "" if value == default else value)
        self._changed()

    def _preset(self, event: ValueChangeEventArguments[Any]) -> None:
        self._desk.use_preset(str(event.value))
        self.build.refresh()
        self._changed()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
