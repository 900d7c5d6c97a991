//! What others do while somebody looks at the table.

use jiff::SignedDuration;
use proptest::prelude::*;
use roster::effect::{Call, Effect, LocalTask};
use roster::event::{Event, Reply, StreamEvent, Timer};
use roster::keys::{Key, Screen};
use roster::remote::ClientError;
use roster::state::Severity;
use roster_common::api::RunId;
use roster_common::event::{ChangedManyEvent, Event as Change, RecordEvent, ResetEvent};
use roster_common::{Code, Employee, EmployeeId, Field, Role};

use crate::world::{World, changed, crowd, now, person, refused, staff, unreachable};

fn stream(event: Change) -> Event {
    Event::Stream(Box::new(StreamEvent::Change(event)))
}

fn of_record(record: &Employee) -> RecordEvent {
    RecordEvent {
        id: record.id,
        version: record.version,
        by: "eve".into(),
        at: now(),
        record: Some(Box::new(record.clone())),
    }
}

/// Eve has changed a record.
pub(crate) fn changes_to(record: &Employee) -> Event {
    stream(Change::Changed(of_record(record)))
}

/// Eve has added somebody.
pub(crate) fn joins(record: &Employee) -> Event {
    stream(Change::Created(of_record(record)))
}

/// Eve has deleted somebody.
pub(crate) fn leaves(record: &Employee) -> Event {
    let event = RecordEvent {
        version: record.version.next(),
        record: None,
        ..of_record(record)
    };
    stream(Change::Deleted(event))
}

/// Eve has imported people.
pub(crate) fn imports(count: u64) -> Event {
    stream(Change::ChangedMany(many(count)))
}

/// Eve has undone an import.
fn undoes(run: u64, count: u64) -> Event {
    stream(Change::ChangedMany(ChangedManyEvent {
        undoes: Some(RunId::new(run)),
        ..many(count)
    }))
}

fn many(count: u64) -> ChangedManyEvent {
    let ids = (900..900 + count).map(|id| id.try_into().unwrap());
    ChangedManyEvent {
        ids: ids.collect(),
        by: "eve".into(),
        at: now(),
        undoes: None,
    }
}

impl World {
    /// Eve changes fields of somebody.
    fn eve_changes(&mut self, id: u64, fields: &[(Field, &str)]) -> &mut Self {
        let at = self.place(id);
        self.people[at] = changed(&self.people[at], fields);
        let event = changes_to(&self.people[at]);
        self.event(event)
    }

    /// Eve adds somebody, before all others.
    fn eve_adds(&mut self, id: u64) -> &mut Self {
        let newcomer = person(id, "New", &format!("Comer{id}"), &[]);
        self.people.insert(0, newcomer.clone());
        self.event(joins(&newcomer))
    }

    /// Eve deletes somebody.
    fn eve_deletes(&mut self, id: u64) -> &mut Self {
        let at = self.place(id);
        let person = self.people.remove(at);
        self.event(leaves(&person))
    }

    fn place(&self, id: u64) -> usize {
        let mut people = self.people.iter();
        people.position(|person| person.id.get() == id).unwrap()
    }

    /// A few seconds pass, and the server answers.
    fn settle(&mut self) -> &mut Self {
        self.serve();
        let later = self.state.now + SignedDuration::from_secs(3);
        self.event(Event::Clock(later));
        if self.state.live.waits {
            self.event(Event::Timer(Timer::Reload));
        }
        self.serve()
    }

    /// The line of the screen that shows a text.
    fn line_of(&self, text: &str) -> String {
        let screen = self.screen();
        let found = screen.lines().find(|line| line.contains(text));
        found.unwrap_or_default().to_owned()
    }

    /// How many requests for rows wait.
    fn loads(&self) -> usize {
        let is_load = |effect: &&Effect| matches!(effect, Effect::Call(Call::Load { .. }));
        self.effects.iter().filter(is_load).count()
    }
}

fn at_table(people: Vec<Employee>) -> World {
    let mut world = World::signed_in(Role::Admin, people, (120, 30));
    world.take();
    world
}

#[test]
fn whoever_signs_in_follows_the_changes() {
    let mut world = World::started(staff(), (80, 24));
    world.reply(Reply::Resumed(Ok(Some(crate::world::identity(
        Role::Viewer,
    )))));
    let follow = Effect::Local(LocalTask::Follow);
    assert!(world.effects.contains(&follow));
    world.serve().take();
    world.keys("r");
    assert!(!world.effects.contains(&follow), "one stream is enough");
}

#[test]
fn a_changed_row_is_new_at_once_and_carries_a_sign_until_the_cursor_has_passed() {
    let mut world = at_table(crowd(20));
    world.eve_changes(3, &[(Field::Title, "Director")]);
    assert_eq!(world.take(), [], "the event says all");
    assert!(world.line_of("Director").starts_with(" ~Family3,"));
    world.keys("j j");
    assert!(
        world.line_of("Director").starts_with(">~"),
        "{}",
        world.screen()
    );
    world.keys("j");
    assert!(world.line_of("Director").starts_with("  "));
    world
        .eve_changes(3, &[(Field::Title, "President")])
        .keys("G g g");
    assert!(
        world.line_of("President").starts_with("  "),
        "it was passed on the way"
    );
}

#[test]
fn the_open_record_says_who_has_changed_it_and_when() {
    let mut world = at_table(crowd(20));
    world.keys("Enter").take();
    world.eve_changes(1, &[(Field::Phone, "+49 30 5550100")]);
    let screen = world.screen();
    assert!(
        screen.contains("~ changed by eve, 09:30") && screen.contains("+49 30 5550100"),
        "{screen}"
    );
}

#[test]
fn my_own_changes_carry_no_sign_and_are_not_loaded_again() {
    let mut world = at_table(crowd(20));
    let mine = Employee {
        updated_by: "ada".into(),
        ..changed(&world.people[0], &[(Field::Title, "Director")])
    };
    let event = RecordEvent {
        by: "ada".into(),
        ..of_record(&mine)
    };
    world.event(stream(Change::Changed(event)));
    assert_eq!(world.take(), []);
    assert!(world.line_of("Director").starts_with("> Family1,"));
}

#[test]
fn somebody_new_slides_in_above_and_the_cursors_person_stays_on_its_line() {
    let mut world = at_table(crowd(100));
    world.keys("9 9 G 5 k").serve();
    let before = world.state.table.cursor - world.state.table.top;
    world.eve_adds(500).settle();
    let table = &world.state.table;
    assert_eq!((table.cursor, table.cursor - table.top), (94, before));
    assert!(world.screen().contains("> Family94,"), "{}", world.screen());
    assert!(world.screen().contains("101 people"));
    world.keys("g g");
    assert!(
        world.line_of("Comer500").starts_with(">+"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_row_that_leaves_says_who_caused_it_and_why() {
    let mut people = crowd(20);
    for person in &mut people {
        *person = changed(person, &[(Field::Department, "Sales")]);
    }
    let mut world = at_table(people);
    world
        .keys("/")
        .types("dept:sales")
        .keys("Enter")
        .serve()
        .take();
    world.eve_changes(4, &[(Field::Department, "Legal")]);
    assert!(
        world
            .screen()
            .contains("Given4 Family4 no longer matches the filter: eve changed Department."),
        "{}",
        world.screen()
    );
    world.settle();
    assert!(!world.screen().contains("Family4,"));
    assert!(world.screen().contains("19 of 20"), "{}", world.screen());

    world.eve_deletes(5);
    assert!(world.screen().contains("eve deleted Given5 Family5."));
    world.settle();
    assert!(world.screen().contains("18 of 19"), "{}", world.screen());
}

#[test]
fn when_the_cursors_person_is_deleted_the_screen_says_so_and_closes_the_record() {
    let mut world = at_table(crowd(20));
    world.keys("j j Enter").serve().take();
    world.eve_deletes(3).settle();
    assert_eq!(world.state.screen(), Screen::Table);
    assert!(world.screen().contains("eve deleted Given3 Family3."));
    assert!(world.screen().contains("> Family4,"), "{}", world.screen());
}

#[test]
fn a_form_takes_over_a_change_to_fields_that_are_not_edited_in_it() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").take();
    world.eve_changes(1, &[(Field::Title, "Director")]);
    let screen = world.screen();
    assert!(
        screen.contains("eve changed Given1 Family1 at 09:30. The form shows it.")
            && screen.contains("Director"),
        "{screen}"
    );
}

#[test]
fn a_form_says_at_once_that_somebody_changed_the_same_field_and_merges_before_it_saves() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").take();
    world.eve_changes(1, &[(Field::Firstname, "Grace")]);
    let notice = "eve changed this record at 09:30 while you were editing it. Ctrl-s merges both.";
    assert!(world.screen().contains(notice), "{}", world.screen());
    world.types("?");
    assert!(world.screen().contains(notice), "it stays while you type");
    world.keys("Ctrl-s");
    assert_eq!(
        (world.state.screen(), world.take()),
        (Screen::Conflict, vec![])
    );
    world.keys("m Ctrl-s");
    let saved = world.take();
    assert!(
        matches!(saved.as_slice(), [Effect::Call(Call::Change { version, .. })] if version.get() == 2),
        "{saved:?}"
    );
}

#[test]
fn a_form_of_somebody_who_is_deleted_offers_to_restore_them() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").take();
    world.eve_deletes(1);
    assert!(
        world
            .screen()
            .contains("This person has since been deleted. Ctrl-s restores them"),
        "{}",
        world.screen()
    );
}

#[test]
fn a_form_goes_on_when_its_person_is_restored() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").take();
    let before = world.people[0].clone();
    world.eve_deletes(1);
    let restored = Employee {
        version: before.version.next().next(),
        updated_by: "eve".into(),
        ..before
    };
    world.people.insert(0, restored.clone());
    world.event(joins(&restored));
    let screen = world.screen();
    assert!(screen.contains("eve restored Given1 Family1"), "{screen}");
    world.take();
    let saved = world.keys("Ctrl-s").take();
    assert!(
        matches!(saved.as_slice(), [Effect::Call(Call::Change { version, .. })] if version.get() == 3),
        "{saved:?}"
    );
}

/// The same account has changed or deleted a record in another program.
fn by_ada(event: Event) -> Event {
    let Event::Stream(event) = event else {
        panic!()
    };
    let StreamEvent::Change(change) = *event else {
        panic!()
    };
    let by = |record: RecordEvent| RecordEvent {
        by: "ada".into(),
        record: record.record.map(|record| {
            Box::new(Employee {
                updated_by: "ada".into(),
                ..*record
            })
        }),
        ..record
    };
    stream(match change {
        Change::Changed(record) => Change::Changed(by(record)),
        Change::Deleted(record) => Change::Deleted(by(record)),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_form_learns_what_the_same_account_does_elsewhere() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").take();
    let theirs = changed(&world.people[0], &[(Field::Title, "Chair")]);
    world.event(by_ada(changes_to(&theirs)));
    let screen = world.screen();
    assert!(
        screen.contains("You changed Given1 Family1 at 09:30."),
        "{screen}"
    );
    let again = changed(&theirs, &[(Field::Firstname, "Gwen")]);
    world.event(by_ada(changes_to(&again)));
    let screen = world.screen();
    assert!(
        screen.contains("You changed this record elsewhere at 09:30. Ctrl-s merges both."),
        "{screen}"
    );
    world.event(by_ada(leaves(&again)));
    let screen = world.screen();
    assert!(
        screen.contains("This person has since been deleted."),
        "{screen}"
    );
}

#[test]
fn what_a_form_saves_itself_is_no_news_to_it() {
    let mut world = at_table(crowd(20));
    world.keys("e").types("!").keys("Ctrl-s").take();
    let mine = changed(&world.people[0], &[(Field::Firstname, "Given1!")]);
    world.event(by_ada(changes_to(&mine)));
    let mine = Employee {
        updated_by: "ada".into(),
        ..mine
    };
    world.reply(Reply::Changed(Ok(mine)));
    let screen = world.screen();
    assert!(screen.contains("Saved Given1! Family1."), "{screen}");
    assert!(!screen.contains("You changed"), "{screen}");
}

#[test]
fn a_stream_that_opens_again_clears_the_message_that_it_did_not() {
    let mut world = at_table(crowd(20));
    let never = ClientError::Protocol("the stream of changes does not begin".into());
    world.event(Event::Stream(Box::new(StreamEvent::Ended(never))));
    let screen = world.screen();
    assert!(
        screen.contains("No live updates. The server does not answer."),
        "{screen}"
    );
    world.event(Event::Stream(Box::new(StreamEvent::Opened)));
    let screen = world.screen();
    assert!(!screen.contains("No live updates"), "{screen}");
}

#[test]
fn a_burst_costs_one_reload() {
    let mut world = at_table(crowd(200));
    for _ in 0..20 {
        world.event(imports(5000));
    }
    assert_eq!(world.loads(), 0, "it waits until no more comes");
    assert!(world.screen().contains("eve imported 5,000 people."));
    let waits =
        |effect: &&Effect| matches!(effect, Effect::Local(LocalTask::Wait(Timer::Reload, _)));
    assert_eq!(
        world.effects.iter().filter(waits).count(),
        20,
        "each starts it again"
    );
    world.event(Event::Timer(Timer::Reload));
    assert_eq!(world.loads(), 1);
    world.serve();
    assert_eq!(world.loads(), 0);
}

#[test]
fn an_import_and_the_undo_of_one_say_who_did_it() {
    let mut world = at_table(crowd(200));
    world.event(imports(1));
    assert!(world.screen().contains("eve imported 1 person."));
    world.event(undoes(7, 1200));
    let screen = world.screen();
    assert!(
        screen.contains("eve undid import 7 (1,200 people)."),
        "{screen}"
    );
}

#[test]
fn single_changes_that_move_rows_reload_at_once_and_then_once_a_second() {
    let mut world = at_table(crowd(200));
    world.eve_adds(501);
    assert_eq!(world.loads(), 1);
    world.serve();
    for id in 502..600 {
        world.eve_adds(id);
    }
    assert_eq!(world.loads(), 0);
    world.settle();
    assert_eq!(world.state.table.total, Some(299));
}

#[test]
fn a_stream_that_starts_afresh_may_have_missed_something() {
    let mut world = at_table(crowd(20));
    world.people.pop();
    world.event(stream(Change::Reset(ResetEvent {}))).settle();
    assert_eq!(world.state.table.total, Some(19));
}

#[test]
fn paused_the_table_stays_as_it_is_and_then_catches_up() {
    let mut world = at_table(crowd(20));
    world.keys("p");
    assert!(
        world
            .screen()
            .contains("Live updates paused. Press p to go on.")
    );
    world
        .eve_changes(3, &[(Field::Title, "Director")])
        .eve_adds(500)
        .settle();
    let screen = world.screen();
    assert!(
        screen.contains("paused, 2 changes")
            && !screen.contains("Director")
            && screen.contains("20 people"),
        "{screen}"
    );
    world.keys("p").settle();
    let screen = world.screen();
    assert!(
        screen.contains("Director") && screen.contains("21 people") && !screen.contains("paused"),
        "{screen}"
    );
}

#[test]
fn a_pause_does_not_keep_a_change_from_the_open_form() {
    let mut world = at_table(crowd(20));
    world.keys("p e").types("!").take();
    world.eve_changes(1, &[(Field::Firstname, "Grace")]);
    assert!(
        world.screen().contains("Ctrl-s merges both."),
        "{}",
        world.screen()
    );
}

#[test]
fn rows_do_not_move_while_a_range_is_marked() {
    let mut world = at_table(crowd(50));
    world.keys("v j j").take();
    world.eve_adds(500);
    assert_eq!(world.loads(), 0);
    world.keys("v").settle();
    let marked: Vec<u64> = world
        .state
        .table
        .marks
        .iter()
        .map(|(id, _)| id.get())
        .collect();
    assert_eq!(marked, [1, 2, 3]);
    world.settle();
    assert_eq!(world.state.table.total, Some(51));
}

#[test]
fn a_stream_that_the_server_closes_is_noticed_and_opened_again_when_it_is_back() {
    let mut world = at_table(crowd(20));
    world.event(Event::Stream(Box::new(StreamEvent::Ended(unreachable()))));
    assert!(
        world.screen().contains("Offline, next try 09:30:01"),
        "{}",
        world.screen()
    );
    world.event(Event::Timer(Timer::Retry)).serve();
    assert!(world.effects.contains(&Effect::Local(LocalTask::Follow)));
    assert!(world.screen().contains("Back online."));
}

#[test]
fn a_session_that_ends_elsewhere_asks_to_sign_in() {
    let mut world = at_table(crowd(20));
    world.event(Event::Stream(Box::new(StreamEvent::Ended(refused(
        Code::SessionEnded,
    )))));
    assert_eq!(world.state.screen(), Screen::SignIn);
}

#[test]
fn without_room_for_a_stream_it_says_so_and_tries_again_later() {
    let mut world = at_table(crowd(20));
    world.event(Event::Stream(Box::new(StreamEvent::Ended(refused(
        Code::Unavailable,
    )))));
    assert!(
        world.screen().contains("No live updates."),
        "{}",
        world.screen()
    );
    world.event(Event::Timer(Timer::Follow));
    assert!(world.effects.contains(&Effect::Local(LocalTask::Follow)));
}

/// What happens while somebody looks.
#[derive(Debug, Clone, Copy)]
enum Step {
    Key(Key),
    Changes(u8),
    Adds(u8),
    Deletes(u8),
    Imports,
    Settles,
}

fn any_step() -> impl Strategy<Value = Step> {
    let keys = [
        "j", "k", "G", "PgDn", "PgUp", "Ctrl-d", "Home", "Enter", "Esc", "p",
    ];
    let keys: Vec<Key> = keys.iter().map(|key| key.parse().unwrap()).collect();
    prop_oneof![
        4 => proptest::sample::select(keys).prop_map(Step::Key),
        2 => any::<u8>().prop_map(Step::Changes),
        2 => any::<u8>().prop_map(Step::Adds),
        2 => any::<u8>().prop_map(Step::Deletes),
        1 => Just(Step::Imports),
        2 => Just(Step::Settles),
    ]
}

/// One of the people, at a place of the list.
fn somebody(world: &World, at: u8) -> Option<u64> {
    let count = world.people.len();
    (count > 0).then(|| world.people[usize::from(at) % count].id.get())
}

fn happens(world: &mut World, step: Step, number: u64) {
    match step {
        Step::Key(key) => _ = world.event(Event::Key(key)),
        Step::Changes(at) => {
            let title = format!("Title {number}");
            if let Some(id) = somebody(world, at) {
                world.eve_changes(id, &[(Field::Title, &title)]);
            }
        }
        Step::Adds(at) => {
            let at = usize::from(at) % (world.people.len() + 1);
            let newcomer = person(1000 + number, "New", &format!("Comer{number}"), &[]);
            world.people.insert(at, newcomer.clone());
            world.event(joins(&newcomer));
        }
        Step::Deletes(at) => {
            if let Some(id) = somebody(world, at) {
                world.eve_deletes(id);
            }
        }
        Step::Imports => _ = world.event(imports(100)),
        Step::Settles => {}
    }
    world.settle();
}

fn is_here(world: &World, id: EmployeeId) -> bool {
    world.people.iter().any(|person| person.id == id)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn the_cursors_person_stays_on_its_line_or_the_screen_says_that_they_left(
        count in 0u64..160,
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let mut world = World::signed_in(Role::Admin, crowd(count), (80, 24));
        for (number, step) in (0..).zip(steps) {
            let table = &world.state.table;
            let (person, line) = (table.selected, table.cursor - table.top);
            let top = table.top;
            happens(&mut world, step, number);
            let is_theirs = !matches!(step, Step::Key(_) | Step::Settles);
            let Some(person) = person.filter(|_| is_theirs && world.state.live.paused.is_none()) else {
                continue;
            };
            let table = &world.state.table;
            if is_here(&world, person) {
                let now = table.cursor - table.top;
                // Above the first row and below the last there is nothing that could move in.
                let last_top = table.len().saturating_sub(world.state.rows_on_screen());
                let is_at_end = table.top == 0 && now < line
                    || table.top == last_top && now > line && top >= table.top;
                prop_assert_eq!(table.selected, Some(person));
                prop_assert!(now == line || is_at_end, "{} → {}: {}", line, now, world.screen());
            } else {
                let banner = world.state.banner.as_ref();
                prop_assert!(
                    banner.is_some_and(|it| it.severity == Severity::Info && it.text.contains("eve deleted")),
                    "{}",
                    world.screen()
                );
            }
        }
    }
}

#[test]
fn the_name_of_a_manager_stands_in_the_table_and_follows_a_change() {
    let mut world = World::signed_in(Role::Viewer, staff(), (200, 50));
    world.serve();
    let names = |world: &World, name: &str| world.screen().matches(name).count();
    assert_eq!(names(&world, "Maya Castro"), 2, "{}", world.screen());
    world.eve_changes(1, &[(Field::Lastname, "Brown")]).serve();
    assert_eq!(names(&world, "Maya Brown"), 2, "{}", world.screen());
    // Somebody gets her as a manager too.
    world.eve_changes(5, &[(Field::Manager, "1")]);
    assert_eq!(names(&world, "Maya Brown"), 3, "{}", world.screen());
}

#[test]
fn the_sign_of_the_last_row_goes_when_the_cursor_would_move_on() {
    let mut world = at_table(crowd(3));
    world.eve_changes(3, &[(Field::Title, "Director")]);
    world.keys("G");
    assert!(world.line_of("Director").starts_with(">~"));
    world.keys("j");
    assert!(
        world.line_of("Director").starts_with("> "),
        "{}",
        world.screen()
    );
}
