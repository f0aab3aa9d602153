"""Handlers of people: the lock, signing out, accounts, passwords, lists and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox

from lvp_workstation.app.dialogs.accounts import AccountsDialog
from lvp_workstation.app.dialogs.comments import CommentsDialog
from lvp_workstation.app.dialogs.lists import ListsDialog
from lvp_workstation.app.dialogs.secrets import AccountForm, AskAccount, AskSecret
from lvp_workstation.app.gate import Gate
from lvp_workstation.app.pages import Pages
from lvp_workstation.app.reading_controller import ReadingController
from lvp_workstation.app.task_runner import Lane
from lvp_workstation.app.window_parts import WindowParts
from lvp_workstation.app.window_words import patient_caption
from lvp_workstation.domain.errors import LvpError
from lvp_workstation.domain.people import Permission, Person, PersonRole, permits
from lvp_workstation.domain.worklist import StudyKey, Worklist
from lvp_workstation.services.people import People
from lvp_workstation.services.worklist import WorklistRoom
from lvp_workstation.store.comments import Comment
from lvp_workstation.viewer.language import told, tr

T = TypeVar("T")
TITLE = "LVP Workstation"


class PeopleActions(WindowParts):
    """Who works, and what is said beside a reading."""

    pages: Pages
    gate: Gate
    readings: ReadingController
    left: SignalInstance
    rebuild_requested: SignalInstance

    def connect_people(self) -> None:
        """Connect the gate and the pages."""
        self.gate.shut.connect(self.shut_door)
        self.gate.opened.connect(self._let_in)
        self.gate.left.connect(self._left)
        self.pages.turned.connect(self._update_enabled)

    def may(self, permission: Permission) -> bool:
        """Whether whoever works may do something."""
        return permits(self.context.person, permission)

    def show_title(self) -> None:
        """Name the study on screen in the title of the window, unless the door is shut."""
        study = self.studies.study
        title = f"{patient_caption(study)} · {TITLE}" if study is not None and not self.pages.shut else TITLE
        self._widget().setWindowTitle(title)

    def _let_in(self) -> None:
        """Somebody may work: show what lies behind the door."""
        self.pages.open_door()
        self.show_title()
        self.status.set_reader(self.context.reader_name)
        self.reopen_reading()
        self._update_enabled()

    def _left(self) -> None:
        """Nothing of whoever left stays: the window is made anew without a study."""
        self.left.emit()

    def lock_screen(self) -> None:
        """Hide everything until the password is given again."""
        if not self.gate.locks:
            self.status.warn(
                tr("Nobody signs in here and there is no passphrase: there is nothing to lock with.")
            )
            return
        self.gate.lock()

    def sign_out(self) -> None:
        """Sign out; what was confirmed is kept."""
        if self.context.person is None:
            self.status.warn(tr("Nobody is signed in: the program is used by one person."))
            return
        self.gate.leave()

    def shut_door(self) -> None:
        """Take everything of a patient off the screen: pages, title, dialogs that are open."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog | QMessageBox) and widget.isVisible():
                widget.reject()
        self.pages.shut_door()
        self.show_title()

    def look_after_people(self) -> None:
        """Show the accounts; without any, offer to make the first one."""
        if self.context.person is None:
            self._first_account()
            return
        by = self.context.person
        self._at_people(lambda people: people.all(by), lambda found: self._show_accounts(found))

    def _first_account(self) -> None:
        words = tr(
            "Without accounts one person uses this program and nobody signs in. With the first account, an "
            "administrator's, everybody has to sign in. Who reads needs an account as radiologist or "
            "trainee: the administrator makes them. Readings made so far stay and can be compared with."
        )
        dialog = AskAccount(tr("Begin with accounts"), words, (PersonRole.ADMINISTRATOR,), self._widget())

        def accepted(form: AccountForm) -> None:
            self._at_people(lambda people: people.begin(form.login, form.name, form.password), self._begun)

        dialog.accepted.connect(lambda: accepted(dialog.form))
        dialog.open()

    def _begun(self, person: Person) -> None:
        self.context.person = person
        self.context.remember_start()
        self.status.set_reader(person.name)
        if self.studies.study is not None:  # what is open was opened when nobody had to sign in
            self.studies.show_study(self.studies.study)
        self._update_enabled()
        self.look_after_people()

    def _show_accounts(self, found: tuple[Person, ...]) -> None:
        dialog = AccountsDialog(found, self._widget())
        by = self.context.person

        def again(_: object) -> None:
            self._at_people(lambda people: people.all(by), dialog.set_people)

        def add(form: AccountForm) -> None:
            self._at_people(
                lambda people: people.add(by, form.login, form.name, form.password, form.role), again
            )

        def change(person: Person, password: str | None) -> None:
            self._at_people(lambda people: people.change(by, person, password), again)

        dialog.add_requested.connect(add)
        dialog.change_requested.connect(change)
        dialog.open()

    def change_password(self) -> None:
        """Ask for a new password of one's own."""
        person = self.context.person
        if person is None:
            self.status.warn(tr("Nobody is signed in: the program is used by one person."))
            return
        dialog = AskSecret(tr("New password"), tr("Password"), self._widget())
        dialog.accepted.connect(
            lambda: self._at_people(
                lambda people: people.change(person, person, dialog.secret),
                lambda _: self.status.say(tr("The new password holds from now on.")),
            )
        )
        dialog.open()

    def encrypt(self) -> None:
        """Set a passphrase, under which everything kept here is encrypted, or change it."""
        if self.context.encrypted:
            self._change_passphrase()
            return
        words = tr(
            "The database and its backups are encrypted under a passphrase that every start asks for. "
            "Without it nobody can open them again; there is no other way in. Signed reports and exported "
            "files are not encrypted. The unencrypted files are overwritten and deleted; a disk may keep "
            "traces of them, so set the passphrase early."
        )
        dialog = AskSecret(tr("Encrypt the readings"), tr("Passphrase"), self._widget(), words)
        context = self.context
        dialog.accepted.connect(
            lambda: self._on_database(lambda: context.encrypt(dialog.secret), lambda _: self._encrypted())
        )
        dialog.open()

    def _encrypted(self) -> None:
        """Open everything again: what was open belonged to the file before."""
        self.rebuild_requested.emit()

    def _change_passphrase(self) -> None:
        dialog = AskSecret(
            tr("Change the passphrase"), tr("New passphrase"), self._widget(), "", tr("Passphrase so far:")
        )
        context = self.context
        dialog.accepted.connect(
            lambda: self._on_database(
                lambda: context.change_passphrase(dialog.old, dialog.secret),
                lambda _: self.status.say(tr("The new passphrase holds from the next start on.")),
            )
        )
        dialog.open()

    def look_after_lists(self) -> None:
        """Show the named lists and how their studies are read."""
        if not permits(self.context.person, Permission.ADMINISTER):
            self.status.warn(tr("An administrator looks after the lists."))
            return
        self._in_room(lambda room: room.lists(), self._show_lists)

    def _show_lists(self, lists: tuple[Worklist, ...]) -> None:
        dialog = ListsDialog(lists, self._widget())

        def put(named: Worklist) -> None:
            self._in_room(lambda room: room.put_list(named), lambda _: None)
            self._in_room(lambda room: room.lists(), dialog.set_lists)

        dialog.put_requested.connect(put)
        dialog.open()

    def show_comments(self) -> None:
        """Show the comments on the study on screen."""
        study = self.studies.study
        if study is not None:
            self.show_comments_of(StudyKey.of(study))

    def show_comments_of(self, key: StudyKey) -> None:
        """Show the comments on a study, and let one be added."""
        self._in_room(lambda room: room.comments(key), lambda found: self._comments_came(key, found))

    def _comments_came(self, key: StudyKey, found: tuple[Comment, ...]) -> None:
        dialog = CommentsDialog(found, permits(self.context.person, Permission.COMMENT), self._widget())
        reading = self.readings.reading
        reading_id = reading.reading_id if reading is not None and StudyKey.of(reading) == key else ""

        def add(text: str) -> None:
            self._in_room(lambda room: room.comment(key, text, reading_id), lambda _: None)
            self._in_room(lambda room: room.comments(key), dialog.set_comments)

        dialog.add_requested.connect(add)
        dialog.open()

    def _at_people(self, work: Callable[[People], T], done: Callable[[T], None]) -> None:
        self._on_database(lambda: work(self.context.people()), done)

    def _in_room(self, work: Callable[[WorklistRoom], T], done: Callable[[T], None]) -> None:
        self._on_database(lambda: work(self.context.worklist()), done)

    def _on_database(self, work: Callable[[], T], done: Callable[[T], None]) -> None:
        def failed(error: Exception) -> None:
            if not isinstance(error, LvpError):
                raise error
            QMessageBox.warning(self._widget(), tr("Not done"), told(str(error)))

        self.runner.start(Lane.DATABASE, f"people {id(work)}", lambda _, __: work(), done, failed)

    def reopen_reading(self) -> None:
        """Try once more to open the reading of the study on screen."""
        raise NotImplementedError

    def _update_enabled(self) -> None:
        """Enable what can be done now."""
        raise NotImplementedError
