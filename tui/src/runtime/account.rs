//! Calls about accounts and sessions.

use roster_common::Password;
use roster_common::users::{NewUser, PasswordChange, UserChanges};

use crate::client::Client;
use crate::event::account::AccountAnswer;
use crate::remote::{ClientError, Result};
use crate::state::AccountCall;
use crate::state::text::Secret;

/// The alphabet of generated passwords: 32 letters and digits without lookalikes.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The length of a generated password. With 5 bits per character it cannot be guessed.
const LENGTH: usize = 20;

/// Makes the call and returns its answer.
pub(super) async fn answer(client: Result<Client>, ask: AccountCall) -> AccountAnswer {
    // Even without a client, the answer has the kind that the call's screen waits for.
    let client = match (client, &ask) {
        (Ok(client), _) => client,
        (Err(error), AccountCall::Sessions) => return AccountAnswer::Sessions(Err(error)),
        (Err(error), AccountCall::Users) => return AccountAnswer::Users(Err(error)),
        (Err(error), _) => {
            return AccountAnswer::Done {
                ask: Box::new(ask),
                password: None,
                result: Err(error),
            };
        }
    };
    match ask {
        AccountCall::Sessions => AccountAnswer::Sessions(client.sessions().await),
        AccountCall::Users => AccountAnswer::Users(client.users().await),
        // Nobody can look the password up later, so it goes to the screen with the answer.
        AccountCall::Add { password: None, .. } | AccountCall::ResetPassword(_) => {
            match generated() {
                Ok(password) => {
                    let result = write(&client, &ask, password.expose()).await;
                    AccountAnswer::Done {
                        ask: Box::new(ask),
                        password: Some(password),
                        result,
                    }
                }
                Err(error) => AccountAnswer::Done {
                    ask: Box::new(ask),
                    password: None,
                    result: Err(error),
                },
            }
        }
        ask => {
            let password = match &ask {
                AccountCall::Add {
                    password: Some(password),
                    ..
                } => password.clone(),
                _ => Secret::default(),
            };
            let result = write(&client, &ask, password.expose()).await;
            AccountAnswer::Done {
                ask: Box::new(ask),
                password: None,
                result,
            }
        }
    }
}

/// Makes a call that changes something. `password` is the account's new password, if it gets one.
async fn write(client: &Client, ask: &AccountCall, password: &str) -> Result<()> {
    match ask {
        // Reads, which `answer` has made.
        AccountCall::Sessions | AccountCall::Users => Ok(()),
        AccountCall::EndSession(session) => client.end_session(&session.id).await,
        AccountCall::EndOthers => client.sign_out_others().await,
        AccountCall::ChangePassword { current, new } => {
            let (current, new) = (Password::new(current.expose()), Password::new(new.expose()));
            client
                .change_password(&PasswordChange { current, new })
                .await
        }
        AccountCall::Add { name, role, .. } => {
            let user = NewUser {
                username: name.clone(),
                password: Password::new(password),
                role: *role,
            };
            client.add_user(&user).await.map(drop)
        }
        AccountCall::Change {
            name,
            role,
            disabled,
        } => {
            let changes = UserChanges {
                role: *role,
                disabled: *disabled,
                password: None,
            };
            client.change_user(name, &changes).await.map(drop)
        }
        AccountCall::ResetPassword(name) => {
            let changes = UserChanges {
                password: Some(Password::new(password)),
                ..UserChanges::default()
            };
            client.change_user(name, &changes).await.map(drop)
        }
        AccountCall::EndSessionsOf(name) => client.end_sessions_of(name).await,
        AccountCall::Remove(name) => client.remove_user(name).await,
    }
}

/// A random password in groups of five characters.
fn generated() -> Result<Secret> {
    let mut random = [0; LENGTH];
    getrandom::fill(&mut random)
        .map_err(|error| ClientError::Protocol(format!("no random numbers available: {error}")))?;
    let mut password = Secret::default();
    for (at, byte) in random.into_iter().enumerate() {
        if at > 0 && at % 5 == 0 {
            password.push('-');
        }
        if let Some(letter) = LETTERS.get(usize::from(byte) % LETTERS.len()) {
            password.push(char::from(*letter));
        }
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use roster_common::NewPassword;

    use super::*;

    #[test]
    fn a_generated_password_is_valid_and_unique() {
        let (one, other) = (generated().unwrap(), generated().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.expose().len(), 23);
        assert!(NewPassword::parse(Password::new(one.expose())).is_ok());
    }
}
