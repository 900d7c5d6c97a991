//! Answers that are lost on their way: each write is made once, and its outcome is shown.

use roster::remote::ClientError;
use roster_common::{Code, EmployeeId, Field, Query};

use crate::proxy::{Fault, Proxy};
use crate::terminal::Terminal;
use crate::{ENTER, Office, RIGHT, SAVE, TAB};

/// The way from the terminal to the server leads over a proxy, which loses what it is told to.
async fn over_a_proxy(office: &Office) -> (Proxy, Terminal) {
    let proxy = Proxy::before(&office.server.url).await;
    let mut terminal = Terminal::start(&proxy.url, office.home.path());
    terminal.signs_in("ada");
    (proxy, terminal)
}

fn id(number: u64) -> EmployeeId {
    number.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_answer_is_lost_is_made_once() {
    let office = Office::open().await;
    let (proxy, mut terminal) = over_a_proxy(&office).await;
    proxy.spoil("PATCH /employees/1", [Fault::LoseAnswer]);
    terminal
        .types("e")
        .sees("Maya Castro")
        .types("!")
        .types(SAVE);
    terminal
        .sees("Saved Maya Castro; the server's answer was lost.")
        .sees("Castro, Maya!");
    assert_eq!(
        office
            .colleague
            .employee(id(1))
            .await
            .unwrap()
            .version
            .get(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_never_arrives_is_reported_and_saved_by_the_next_key() {
    let office = Office::open().await;
    let (proxy, mut terminal) = over_a_proxy(&office).await;
    proxy.spoil("PATCH /employees/1", [Fault::Answer(502)]);
    terminal
        .types("e")
        .sees("Maya Castro")
        .types("!")
        .types(SAVE);
    terminal.sees("No sign yet that Maya Castro was saved. Checking again; Ctrl-s saves now.");
    terminal.types(SAVE).sees("Saved Maya! Castro.");
    assert_eq!(
        office
            .colleague
            .employee(id(1))
            .await
            .unwrap()
            .version
            .get(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_server_tells_whether_a_change_was_saved() {
    let office = Office::open().await;
    let (proxy, mut terminal) = over_a_proxy(&office).await;
    proxy.spoil("PATCH /employees/1", [Fault::LoseAnswer]);
    proxy.spoil("GET /employees", [Fault::Answer(502), Fault::Answer(502)]);
    terminal
        .types("e")
        .sees("Maya Castro")
        .types("!")
        .types(SAVE);
    // The server that ends has carried it out.
    let version = async || office.colleague.employee(id(1)).await.unwrap().version;
    while version().await.get() < 2 {
        tokio::task::yield_now().await;
    }
    office.server.restart().await;
    terminal.sees("Saved Maya Castro; the server's answer was lost.");
    assert_eq!(version().await.get(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_whose_answer_is_lost_is_reported() {
    let office = Office::open().await;
    let (proxy, mut terminal) = over_a_proxy(&office).await;
    proxy.spoil("/employees/1", [Fault::LoseAnswer]);
    terminal
        .types("d")
        .sees("Delete Maya Castro?")
        .types(RIGHT)
        .sees("> Delete")
        .types(ENTER);
    terminal
        .sees("Deleted Maya Castro; the server's answer was lost.")
        .sees("2 people");
    let gone = office.colleague.employee(id(1)).await;
    assert!(
        matches!(gone, Err(ClientError::Refused(problem)) if problem.code == Code::EmployeeNotFound)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_whose_answer_is_lost_is_added_once() {
    let office = Office::open().await;
    let (proxy, mut terminal) = over_a_proxy(&office).await;
    terminal
        .types("n")
        .sees("New person")
        .types("Grace")
        .types(TAB)
        .types("Hopper");
    proxy.spoil("POST /employees", [Fault::LoseAnswer]);
    terminal
        .types(SAVE)
        .sees("Added Grace Hopper")
        .sees("4 people");
    let all = office
        .colleague
        .employees(&Query::default())
        .await
        .unwrap()
        .rows;
    assert_eq!(
        all.iter()
            .filter(|person| person.details.text(Field::Lastname) == "Hopper")
            .count(),
        1
    );
}
