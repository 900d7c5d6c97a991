//! A person at the keys, and a server that answers from a list in memory.

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use roster::effect::{Call, Effect, LocalTask};
use roster::escape::visible;
use roster::event::{Event, Reply};
use roster::keys::Key;
use roster::remote::{ClientError, Identity, Page, Related};
use roster::state::State;
use roster::update::{start, update};
use roster::view::{self, Theme};
use roster_common::api::{SessionInfo, User};
use roster_common::history::HistoryEntry;
use roster_common::query::{Start, Window};
use roster_common::users::{Account, OpenSession};
use roster_common::{Changes, Code, Employee, EmployeeId, Field, Problem, Query, Role, Version};

/// When everything happens.
pub(crate) fn now() -> Timestamp {
    "2026-11-23T09:30:00Z".parse().unwrap()
}

pub(crate) struct World {
    pub(crate) state: State,
    /// What was to be done and has not been answered.
    pub(crate) effects: Vec<Effect>,
    /// What the server knows.
    pub(crate) people: Vec<Employee>,
}

impl World {
    /// Somebody has signed in, and looks at the first rows.
    pub(crate) fn signed_in(role: Role, people: Vec<Employee>, size: (u16, u16)) -> Self {
        let mut world = Self::started(people, size);
        world.take();
        world.reply(Reply::Resumed(Ok(Some(identity(role)))));
        world.serve();
        world.effects.retain(|effect| {
            !matches!(
                effect,
                Effect::Local(LocalTask::LoadUserFiles { .. } | LocalTask::Follow)
            )
        });
        world
    }

    /// The program has started, and has no answer yet.
    pub(crate) fn started(people: Vec<Employee>, (width, height): (u16, u16)) -> Self {
        let mut state = State::new(
            "http://127.0.0.1:7678".into(),
            "run".into(),
            Size { width, height },
            now(),
        );
        let effects = start(&mut state).into_iter().collect();
        Self {
            state,
            effects,
            people,
        }
    }

    pub(crate) fn event(&mut self, event: Event) -> &mut Self {
        for effect in update(&mut self.state, event) {
            match effect {
                Effect::Local(LocalTask::CancelAll) => self.effects.clear(),
                effect => self.effects.push(effect),
            }
        }
        self
    }

    pub(crate) fn reply(&mut self, reply: Reply) -> &mut Self {
        self.event(Event::Reply(Box::new(reply)))
    }

    /// Presses keys, written as `G`, `Ctrl-d`, `Enter`, one after the other.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        keys.split(' ')
            .for_each(|name| _ = self.event(Event::Key(name.parse().unwrap())));
        self
    }

    /// Types a text, letter by letter.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        text.chars()
            .for_each(|c| _ = self.event(Event::Key(Key::Char(c))));
        self
    }

    /// Takes what is to be done.
    pub(crate) fn take(&mut self) -> Vec<Effect> {
        let is_quiet = |effect: &Effect| {
            matches!(
                effect,
                Effect::Call(Call::Related { .. })
                    | Effect::Local(
                        LocalTask::Wait(..)
                            | LocalTask::LoadUserFiles { .. }
                            | LocalTask::KeepWork { .. }
                            | LocalTask::SaveFilters { .. }
                            | LocalTask::Follow
                    )
            )
        };
        std::mem::take(&mut self.effects)
            .into_iter()
            .filter(|effect| !is_quiet(effect))
            .collect()
    }

    /// Answers every request for rows, until nothing more is asked.
    pub(crate) fn serve(&mut self) -> &mut Self {
        let asks = |effect: &Effect| {
            matches!(
                effect,
                Effect::Call(Call::Load { .. }) | Effect::Call(Call::Collect { .. })
            )
        };
        while let Some(at) = self.effects.iter().position(asks) {
            let asked = self.effects.remove(at);
            self.answer(asked);
        }
        self
    }

    /// Answers the request for what belongs to the open record: some reports, and changes.
    pub(crate) fn serves_related(
        &mut self,
        reports: &[&str],
        changes: Vec<HistoryEntry>,
    ) -> &mut Self {
        let asks = |effect: &mut Effect| matches!(effect, Effect::Call(Call::Related { .. }));
        let asked: Vec<_> = self.effects.extract_if(.., asks).collect();
        let [Effect::Call(Call::Related { id })] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        let related = Related {
            reports: reports.iter().map(|name| (*name).to_owned()).collect(),
            report_count: reports.len(),
            changes,
        };
        self.reply(Reply::RelatedLoaded {
            id: *id,
            result: Ok(related),
        })
    }

    /// Loses every request for rows.
    pub(crate) fn loses(&mut self) -> &mut Self {
        while let Some(at) = self
            .effects
            .iter()
            .position(|effect| matches!(effect, Effect::Call(Call::Load { .. })))
        {
            let Effect::Call(Call::Load {
                query_number,
                offset,
                ..
            }) = self.effects.remove(at)
            else {
                panic!()
            };
            self.reply(Reply::Loaded {
                query_number,
                offset,
                result: Err(unreachable()),
            });
        }
        self
    }

    /// Answers one request for rows, as the server would but in no order.
    pub(crate) fn answer(&mut self, asked: Effect) -> &mut Self {
        let reply = match asked {
            Effect::Call(Call::Load {
                query_number,
                query,
                offset,
            }) => Reply::Loaded {
                query_number,
                offset,
                result: Ok(self.page(&query)),
            },
            Effect::Call(Call::Collect { query }) => Reply::Collected {
                result: Ok(self.page(&query)),
                query,
            },
            other => panic!("{other:?}"),
        };
        self.reply(reply)
    }

    /// What the server has for a query.
    fn page(&self, query: &Query) -> Page {
        let filter = query.filter(self.state.now);
        let matches = |person: &&Employee| filter.matches(person);
        let all: Vec<_> = self.people.iter().filter(matches).cloned().collect();
        let (limit, offset) = match &query.window {
            Window::Page {
                limit,
                start: Start::Offset(start),
            } => (*limit, *start),
            Window::Page {
                limit,
                start:
                    Start::Around {
                        id,
                        fallback_offset,
                    },
            } => {
                let place = all.iter().position(|person| person.id == *id);
                (
                    *limit,
                    place.map_or(*fallback_offset, |place| place / limit * limit),
                )
            }
            window => panic!("{window:?}"),
        };
        let rows: Vec<_> = all.iter().skip(offset).take(limit).cloned().collect();
        let name = |id: EmployeeId| {
            let manager = self.people.iter().find(|person| person.id == id)?;
            Some((id, manager.details.full_name()))
        };
        let managers = rows.iter().filter_map(|person| person.details.manager());
        Page {
            managers: managers.filter_map(name).filter(|_| query.names).collect(),
            rows,
            offset,
            total: all.len(),
        }
    }

    /// What is on the screen.
    pub(crate) fn buffer(&self, theme: &Theme) -> Buffer {
        let Size { width, height } = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view::draw(frame, &self.state, theme))
            .unwrap();
        let buffer = terminal.backend().buffer().clone();
        let raw = buffer
            .content
            .iter()
            .find(|cell| visible(cell.symbol()) != cell.symbol());
        assert_eq!(raw, None, "a cell would steer the terminal");
        buffer
    }

    /// The last line of the screen: the keys.
    pub(crate) fn footer(&self) -> String {
        self.screen().lines().last().unwrap_or_default().to_owned()
    }

    /// The text on the screen.
    pub(crate) fn screen(&self) -> String {
        let width = usize::from(self.state.size.width).max(1);
        let buffer = self.buffer(&Theme::COLOUR);
        let lines = buffer.content.chunks(width).map(|cells| {
            let mut line = String::new();
            let mut covered = 0;
            for cell in cells {
                // A wide character covers the cell after it.
                if covered == 0 {
                    line.push_str(cell.symbol());
                    covered = roster::cells::width(cell.symbol()).max(1);
                }
                covered -= 1;
            }
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Whether it changes something on the server.
pub(crate) fn is_write(effect: &Effect) -> bool {
    matches!(effect, Effect::Call(call) if call.is_write())
}

pub(crate) fn identity(role: Role) -> Identity {
    Identity {
        user: User {
            username: "ada".parse().unwrap(),
            role: role.into(),
        },
        session: SessionInfo {
            id: "session".into(),
            expires_at: now() + SignedDuration::from_hours(24 * 6),
        },
    }
}

/// A record; `fields` are laid over its names.
pub(crate) fn person(id: u64, first: &str, last: &str, fields: &[(Field, &str)]) -> Employee {
    let mut changes = Changes::default();
    changes.set(Field::Firstname, first);
    changes.set(Field::Lastname, last);
    fields
        .iter()
        .for_each(|(field, value)| changes.set(*field, *value));
    Employee {
        id: id.try_into().unwrap(),
        details: changes.to_details().unwrap(),
        version: Version::FIRST,
        created: now(),
        updated: now(),
        updated_by: "ada".into(),
    }
}

/// The same record after somebody else has changed it.
pub(crate) fn changed(before: &Employee, fields: &[(Field, &str)]) -> Employee {
    let mut changes = Changes::default();
    fields
        .iter()
        .for_each(|(field, value)| changes.set(*field, *value));
    Employee {
        details: changes.apply_to(&before.details).unwrap(),
        version: before.version.next(),
        updated_by: "eve".into(),
        ..before.clone()
    }
}

/// `count` people who are told apart by their number.
pub(crate) fn crowd(count: u64) -> Vec<Employee> {
    (1..=count)
        .map(|id| person(id, &format!("Given{id}"), &format!("Family{id}"), &[]))
        .collect()
}

/// People of several scripts, with all that a record can have.
pub(crate) fn staff() -> Vec<Employee> {
    use Field::{Department, Email, Hired, Location, Manager, Notes, Phone, Status, Title};
    vec![
        person(
            1,
            "Maya",
            "Castro",
            &[
                (Title, "Plant Operator"),
                (Department, "Operations"),
                (Location, "New York"),
                (Email, "maya.castro@example.com"),
                (Phone, "+1-555-0122-8293"),
                (Hired, "2001-11-24"),
            ],
        ),
        person(
            2,
            "지훈",
            "서",
            &[
                (Title, "Support Engineer"),
                (Department, "Support"),
                (Location, "Berlin"),
                (Manager, "1"),
                (
                    Notes,
                    "Speaks Korean, German and English. Prefers to be called in the morning, at the office.",
                ),
            ],
        ),
        person(
            3,
            "智也",
            "渡辺",
            &[
                (Title, "Financial Analyst for a Very Long Title Indeed"),
                (Department, "Finance"),
                (Location, "東京"),
                (Status, "leave"),
            ],
        ),
        person(
            4,
            "Ariadna",
            "Bétancourt",
            &[
                (Title, "Staff Engineer"),
                (Department, "Engineering"),
                (Location, "İstanbul"),
                (Manager, "1"),
            ],
        ),
        person(
            5,
            "Jose\u{301}",
            "Núñez",
            &[
                (Title, "Counsel"),
                (Department, "Legal"),
                (Location, "São Paulo"),
                (Status, "left"),
            ],
        ),
    ]
}

pub(crate) fn unreachable() -> ClientError {
    ClientError::Unreachable {
        server: "http://127.0.0.1:7678".into(),
        why: "connection refused".into(),
        sent: false,
    }
}

/// A request was sent, and no answer came back.
pub(crate) fn unanswered() -> ClientError {
    ClientError::Unreachable {
        server: "http://127.0.0.1:7678".into(),
        why: "connection reset".into(),
        sent: true,
    }
}

pub(crate) fn refused(code: Code) -> ClientError {
    ClientError::Refused(Box::new(Problem::new(code, "")))
}

pub(crate) fn stale(current: &Employee) -> ClientError {
    let problem = Problem::new(Code::Stale, "The record has been changed.");
    ClientError::Refused(Box::new(Problem {
        current: Some(Box::new(current.clone())),
        ..problem
    }))
}

/// Where ada is signed in.
pub(crate) fn sessions() -> Vec<OpenSession> {
    let session = |id: &str, hours: i64, address: &str, client: &str| OpenSession {
        id: id.into(),
        created: now() - SignedDuration::from_hours(hours + 30),
        used: now() - SignedDuration::from_hours(hours),
        expires: now() + SignedDuration::from_hours(24 * 6),
        address: address.into(),
        client: client.into(),
        current: id == "session",
    };
    vec![
        session("session", 0, "127.0.0.1", "roster/0.1.0"),
        session("other", 3, "10.20.30.40", "curl/8.5.0"),
        session(
            "third",
            24 * 40,
            "2001:db8::7",
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0",
        ),
    ]
}

/// Who may sign in.
pub(crate) fn accounts() -> Vec<Account> {
    let account = |name: &str, role: Role, disabled, sessions: usize| Account {
        username: name.parse().unwrap(),
        role: role.into(),
        disabled,
        created: now() - SignedDuration::from_hours(24 * 400),
        sessions,
        used: (sessions > 0).then(|| now() - SignedDuration::from_hours(2)),
    };
    vec![
        account("ada", Role::Admin, false, 3),
        account("eve", Role::Editor, false, 1),
        account("vic", Role::Viewer, true, 0),
    ]
}
