"""The worklist as one person sees it, and what is done with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

from lvp_workstation.domain.errors import UsageProblem
from lvp_workstation.domain.people import Permission, Person, ReadingRules, require, rules_for
from lvp_workstation.domain.reading import ReadingState
from lvp_workstation.domain.study import Study
from lvp_workstation.domain.worklist import (
    AiMark,
    AiState,
    OwnReading,
    Priority,
    StudyKey,
    Worklist,
    WorklistItem,
    WorklistRow,
    ai_mark_visible,
    item_of,
)
from lvp_workstation.io.scan import is_research
from lvp_workstation.store.accounts import Accounts
from lvp_workstation.store.ai_results import analysed_studies
from lvp_workstation.store.comments import Comment, Comments
from lvp_workstation.store.database import Database
from lvp_workstation.store.jobs import Jobs, JobState
from lvp_workstation.store.pre_readings import PreReadings
from lvp_workstation.store.worklists import Worklists

MOST_FOLDERS = 64
"""More folders of one study than this are kept as the one they have in common (our choice)."""


class WorklistRoom:
    """Rows, priorities, lists and comments; every call belongs on the database worker.

    Parameters
    ----------
    person
        Who signed in, None without accounts.
    who
        The name that goes into the audit trail.
    here
        How readings begin on this workstation where neither list nor person says otherwise.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], str],
        person: Person | None = None,
        who: str = "",
        here: ReadingRules | None = None,
    ) -> None:
        self._database = database
        self._lists = Worklists(database)
        self._jobs = Jobs(database)
        self._results = PreReadings(database)
        self._comments = Comments(database)
        self._clock = clock
        self._person = person
        self._who = who
        self._here = here

    def register(self, studies: Iterable[Study], analyse: bool = False, list_name: str = "") -> int:
        """Put studies with images on the worklist, and into the queue when they shall be analysed.

        Returns how many there were. One that is there stays where it is; where its files lie is kept anew.
        """
        count = 0
        for study in studies:
            if not study.series:
                continue
            item = item_of(study, places_of(study), self._clock(), list_name)
            self._lists.put(item)
            if analyse:
                self._jobs.add(item.key, self._clock())
            count += 1
        return count

    def add(self, studies: Iterable[Study], list_name: str = "") -> int:
        """Put studies on the worklist by hand, to be analysed."""
        require(self._person, Permission.ARRANGE)
        return self.register(studies, True, list_name)

    def rows(self, owner: str) -> tuple[WorklistRow, ...]:
        """Return every row as the owner of readings may see it; nothing of the AI before it may be shown."""
        own, jobs = self._lists.own_readings(owner), self._jobs.states()
        items, rules = self._lists.items(), self._rules()
        told = {i.key for i in items if ai_mark_visible(own.get(i.key), rules[i.list_name])}
        marks = self._results.marks(frozenset(told))
        names = {person.login: person.name for person in Accounts(self._database).all()}
        signed = {key: tuple(_named(w, names) for w in who) for key, who in self._lists.signed_by().items()}
        comments = self._lists.comments()
        made = dict.fromkeys(analysed_studies(self._database), JobState(AiState.READY, ""))
        states = {**made, **jobs}
        return tuple(
            _row(item, own.get(item.key), states.get(item.key), marks.get(item.key), signed, comments)
            for item in items
        )

    def _rules(self) -> Mapping[str, ReadingRules]:
        if self._here is None:
            raise UsageProblem("The rules of this workstation are needed to show rows.")
        here = self._here
        rules = {named.name: rules_for(self._person, named.rules, here) for named in self._lists.lists()}
        names = {item.list_name for item in self._lists.items()} - rules.keys()
        return rules | {name: rules_for(self._person, None, here) for name in names}

    def lists(self) -> tuple[Worklist, ...]:
        """Return the named lists."""
        return self._lists.lists()

    def put_list(self, named: Worklist) -> None:
        """Make a named list, or change how its studies are read."""
        require(self._person, Permission.ADMINISTER)
        if not named.name.strip() or len(named.name) > 64:
            raise UsageProblem("A list has a name of 1 to 64 characters.")
        self._lists.put_list(named, self._who, self._clock())

    def set_priority(self, key: StudyKey, priority: Priority) -> None:
        """Say how soon a study is to be read; it moves in the queue of analyses, too."""
        require(self._person, Permission.ARRANGE)
        self._lists.arrange(key, self._who, self._clock(), priority=priority)

    def move(self, key: StudyKey, list_name: str) -> None:
        """Put a study on another list."""
        require(self._person, Permission.ARRANGE)
        self._lists.arrange(key, self._who, self._clock(), list_name=list_name)

    def take_off(self, key: StudyKey) -> None:
        """Take a study off the worklist; readings, results and files stay."""
        require(self._person, Permission.ARRANGE)
        self._lists.take_off(key, self._who, self._clock())

    def analyse(self, key: StudyKey) -> None:
        """Put a study into the queue of analyses again."""
        require(self._person, Permission.ARRANGE)
        self._jobs.add(key, self._clock(), again=True)

    def comments(self, key: StudyKey) -> tuple[Comment, ...]:
        """Return the comments on a study."""
        return self._comments.of_study(key)

    def comment(self, key: StudyKey, text: str, reading_id: str = "") -> None:
        """Comment on a study; a comment is not changed any more."""
        require(self._person, Permission.COMMENT)
        if not text.strip():
            raise UsageProblem("The comment is empty.")
        role = self._person.role.value if self._person else ""
        self._comments.add(
            Comment(uuid.uuid4().hex, key, reading_id, self._who, role, self._clock(), text.strip())
        )


def _row(
    item: WorklistItem,
    own: OwnReading | None,
    job: JobState | None,
    mark: AiMark | None,
    signed: Mapping[StudyKey, tuple[str, ...]],
    comments: Mapping[StudyKey, int],
) -> WorklistRow:
    return WorklistRow(
        item,
        own.state if own else ReadingState.NEW,
        job.state if job else AiState.NONE,
        job.why if job else "",
        mark,
        signed.get(item.key, ()),
        comments.get(item.key, 0),
    )


def places_of(study: Study) -> tuple[str, ...]:
    """Return the folders, archives and research files that hold the images of a study."""
    frames = (frame.path for series in study.series for frame in series.frames if frame.path)
    places = tuple(dict.fromkeys(_place(path) for path in frames))
    return places if len(places) <= MOST_FOLDERS else (_common(places),)


def _place(path: str) -> str:
    archive, bang, _ = path.partition("!")
    return archive if bang else path if is_research(path) else str(PurePath(path).parent)


def _common(places: Iterable[str]) -> str:
    levels = zip(*(PurePath(place).parts for place in places), strict=False)
    shared = []
    for names in levels:
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return str(PurePath(*shared))


def _named(owner: str, names: Mapping[str, str]) -> str:
    """Return the owner of a reading by the name of the account, also where a role stands before the login."""
    role, colon, login = owner.rpartition(": ")
    return f"{role}{colon}{names.get(login, login)}"
