//! A small JSON body, member by member: what is unknown, doubled or of the wrong type is a body that cannot be read
//! (400), and a value that breaks a rule is one that can (422). Every fault is named.

use hyper::header::HeaderMap;
use roster_common::members::Members;
use roster_common::problem::{Code, Rule};
use roster_common::{FieldError, NewPassword, Password};

use super::{Failure, RequestBody, extract};

/// The members that have not been taken, and what was wrong with the values of those that have.
pub struct Fields {
    members: Members,
    refused: Vec<FieldError>,
}

impl Fields {
    /// Reads the body.
    ///
    /// # Errors
    /// [`Code::MediaTypeUnsupported`], [`Code::BodyTooLarge`], [`Code::Timeout`], [`Code::BodyInvalid`]
    pub async fn read(headers: &HeaderMap, body: RequestBody) -> Result<Self, Failure> {
        Ok(Self {
            members: extract::members(headers, body).await?,
            refused: Vec::new(),
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.members.flag(name)
    }

    /// A text that is read as something else.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &str,
    ) -> Option<T> {
        let text = self.members.text(name)?;
        self.kept(
            text.parse()
                .map_err(|error| FieldError::new(name, Rule::Format, format!("{error}."))),
        )
    }

    /// A password as somebody presents it.
    pub fn password(&mut self, name: &str) -> Option<Password> {
        self.members.text(name).map(|text| Password::new(&text))
    }

    /// A password that an account may have from now on.
    pub fn new_password(&mut self, name: &str) -> Option<NewPassword> {
        let password = self.password(name)?;
        self.kept(NewPassword::parse(password).map_err(|error| FieldError {
            field: name.to_owned(),
            ..error
        }))
    }

    fn kept<T>(&mut self, value: Result<T, FieldError>) -> Option<T> {
        value.map_err(|error| self.refused.push(error)).ok()
    }

    /// The refusal of all that was wrong, if anything was.
    ///
    /// # Errors
    /// [`Code::BodyInvalid`], [`Code::ValidationFailed`]
    pub fn finish(self) -> Result<(), Failure> {
        self.members
            .finish()
            .map_err(|errors| Failure::fields(Code::BodyInvalid, errors))?;
        if self.refused.is_empty() {
            Ok(())
        } else {
            Err(Failure::fields(Code::ValidationFailed, self.refused))
        }
    }
}

/// A value that cannot be left out.
///
/// # Errors
/// [`Code::ValidationFailed`]
pub fn required<T>(name: &str, value: Option<T>) -> Result<T, Failure> {
    let missing = || FieldError::new(name, Rule::Required, "It must be given.");
    value.ok_or_else(|| Failure::fields(Code::ValidationFailed, vec![missing()]))
}
