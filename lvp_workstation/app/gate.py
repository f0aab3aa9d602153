"""Lets people in: passphrase, signing in, the lock after a while, and signing out."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from lvp_workstation.app.context import AppContext
from lvp_workstation.app.idle_watch import IdleWatch
from lvp_workstation.app.panels.door_page import DoorKind, DoorPage
from lvp_workstation.app.task_runner import Lane, TaskRunner
from lvp_workstation.domain.errors import LvpError, PassphraseNeeded
from lvp_workstation.domain.people import Person
from lvp_workstation.viewer.language import told

LOOK_MS = 5000
OPEN_DATABASE, ENTER = "open database", "enter"


class Gate(QObject):
    """Opens the database and says who works; everything slow happens on the database worker."""

    shut = Signal()
    """The door is to be shown."""
    opened = Signal()
    """Somebody may work: the database is open, and who works is known or nobody has to say."""
    left = Signal()
    """Whoever was signed in is not any more: nothing of that person's may stay on screen."""

    def __init__(
        self,
        context: AppContext,
        runner: TaskRunner,
        door: DoorPage,
        watch: IdleWatch,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._runner = runner
        self._door = door
        self._watch = watch
        self._locked = False
        door.entered.connect(self._entered)
        door.somebody_else.connect(self.leave)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Open the database and ask for what it needs."""
        if self._context.asks_at_start:
            self._ask(DoorKind.WAIT)
        self._timer.start()
        self._open()

    def stop(self) -> None:
        """The window closes."""
        self._timer.stop()

    @property
    def locks(self) -> bool:
        """Whether there is a secret to unlock with."""
        return self._context.person is not None or self._context.encrypted

    def lock(self) -> None:
        """Hide everything until the secret is given again."""
        if self._locked or not self.locks:
            return
        self._locked = True
        person = self._context.person
        if person is not None:
            self._note(person, "lock")
        self._ask(DoorKind.LOCKED, person)

    def leave(self) -> None:
        """Sign out."""
        person = self._context.person
        if person is not None:
            self._note(person, "logout")
        self._context.person = None
        self._locked = False
        self.left.emit()

    def _ask(self, kind: DoorKind, person: Person | None = None) -> None:
        self.shut.emit()
        self._door.ask(kind, person.login if person else "", person.name if person else "")

    def _look(self) -> None:
        minutes = self._context.settings.lock_minutes
        if minutes > 0 and self._watch.seconds > 60 * minutes:
            self.lock()

    def _open(self, passphrase: str = "") -> None:
        def work() -> bool:
            if passphrase:
                self._context.unlock(passphrase)
            return self._context.people().needed()

        self._runner.start(
            Lane.DATABASE, OPEN_DATABASE, lambda _, __: work(), self._database_opened, self._not_opened
        )

    def _database_opened(self, needed: bool) -> None:
        self._context.remember_start()
        if needed and self._context.person is None:
            self._ask(DoorKind.SIGN_IN)
        else:
            self._let_in()

    def _not_opened(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        if not isinstance(error, PassphraseNeeded):
            self._let_in()  # whoever opens a study is told why nothing can be kept
        elif self._door.kind is DoorKind.PASSPHRASE:
            self._door.refuse(told(str(error)))
        else:
            self._ask(DoorKind.PASSPHRASE)

    def _entered(self, login: str, secret: str) -> None:
        if self._door.kind is DoorKind.PASSPHRASE:
            self._open(secret)
            return
        event = "unlock" if self._locked else "login"

        def work() -> Person | None:
            if self._locked and self._context.person is None:
                self._context.unlock(secret)
                return None
            return self._context.people().sign_in(login, secret, event)

        self._runner.start(Lane.DATABASE, ENTER, lambda _, __: work(), self._known, self._refused)

    def _known(self, person: Person | None) -> None:
        self._context.person = person
        self._let_in()

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, LvpError):
            raise error
        self._door.refuse(told(str(error)))

    def _let_in(self) -> None:
        self._locked = False
        self._watch.touch()
        self.opened.emit()

    def _note(self, person: Person, event: str) -> None:
        def failed(error: Exception) -> None:
            if not isinstance(error, LvpError):
                raise error

        def work() -> None:
            self._context.people().note(person, event)

        self._runner.start(Lane.DATABASE, f"note {event}", lambda _, __: work(), _nothing, failed)


def _nothing(_: None) -> None:
    """Nothing to do with an answer."""
