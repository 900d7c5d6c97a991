//! How long each refusal of a sign-in takes: whoever measures it must not learn whether there is
//! such an account. The samples are interleaved, so that what else the machine does meets all
//! alike. Fails where two medians are more than 5 % apart.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails ends the bench, and it prints figures"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use roster_common::{NewPassword, Password, Role};
use roster_server::app::sign_in::{ClientInfo, Credentials, sign_in};
use roster_server::app::{App, AppError};
use roster_server::password::Passwords;
use roster_server::store::redb::RedbStore;
use roster_server::store::{Account, AccountStore};
use roster_server::testing::{ManualClock, keys};
use roster_server::token::Tokens;

/// The default cost.
const COST: u32 = 12;
const SAMPLES: usize = 41;
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::main]
async fn main() -> ExitCode {
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let app = app(Arc::clone(&clock)).await;
    let longest = "v".repeat(72) + "w";
    let refusals = [
        ("unknown", "nobody", PASSWORD),
        ("wrong", "vic", "vic views the chair"),
        ("disabled", "dora", PASSWORD),
        ("too long", "vic", &longest),
    ];
    let mut times = refusals.map(|_| Vec::new());
    for _ in 0..SAMPLES {
        for ((_, name, password), times) in refusals.iter().zip(&mut times) {
            times.push(refused(&app, name, password).await);
            // The throttle forgets.
            clock.turn(SignedDuration::from_mins(15));
        }
    }
    let medians = times.map(|mut times| {
        times.sort_unstable();
        times[SAMPLES / 2]
    });
    for ((what, ..), median) in refusals.iter().zip(medians) {
        println!("{what:<10} {median:>12.3?}");
    }
    let (least, most) = (medians.iter().min().unwrap(), medians.iter().max().unwrap());
    let on_blocking_pool = most.as_secs_f64() / least.as_secs_f64() - 1.0;
    println!("apart      {:>10.2} %", on_blocking_pool * 100.0);
    if on_blocking_pool < 0.05 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

const PASSWORD: &str = "the right one of them";

async fn app(clock: Arc<ManualClock>) -> App {
    let store = RedbStore::in_memory().unwrap();
    let passwords = Passwords::new(COST).unwrap();
    for (name, disabled) in [("vic", false), ("dora", true)] {
        let password = passwords
            .hash(NewPassword::parse(Password::new(PASSWORD)).unwrap(), HOME)
            .await
            .unwrap();
        let created = Timestamp::UNIX_EPOCH;
        let account = Account {
            username: name.parse().unwrap(),
            role: Role::Viewer,
            disabled,
            password,
            created,
        };
        assert!(
            store
                .add_account(account, "bench".parse().unwrap())
                .await
                .unwrap()
        );
    }
    let tokens = Tokens::new(&keys(1), SignedDuration::from_mins(10));
    App::new(Arc::new(store), clock, tokens, passwords)
}

/// How long it takes to be refused.
async fn refused(app: &App, name: &str, password: &str) -> Duration {
    let given = Credentials {
        username: name.to_owned(),
        password: Password::new(password),
    };
    let peer = ClientInfo {
        address: HOME,
        client: String::new(),
    };
    let start = Instant::now();
    let answer = sign_in(app, given, None, peer).await;
    let time = start.elapsed();
    assert!(matches!(answer, Err(AppError::Credentials)));
    time
}
