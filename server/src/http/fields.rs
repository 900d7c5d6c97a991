//! Reads a small JSON body member by member. Unknown, repeated or mistyped members give 400,
//! invalid values 422. All errors are reported at once.

use hyper::header::HeaderMap;
use roster_common::members::Members;
use roster_common::problem::{Code, Rule};
use roster_common::{FieldError, NewPassword, Password};

use super::{Failure, RequestBody, extract};

/// The members that have not been taken yet, and the errors in those that have.
pub struct Fields {
    members: Members<'static>,
    refused: Vec<FieldError>,
}

impl Fields {
    /// Reads the body.
    ///
    /// # Errors
    /// [`Code::MediaTypeUnsupported`], [`Code::BodyTooLarge`], [`Code::Timeout`],
    /// [`Code::BodyInvalid`]
    pub async fn read(headers: &HeaderMap, body: RequestBody) -> Result<Self, Failure> {
        Ok(Self {
            members: extract::members(headers, body).await?,
            refused: Vec::new(),
        })
    }

    /// Reads `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.members.flag(name)
    }

    /// Reads a string and parses it.
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

    /// Reads a password as presented.
    pub fn password(&mut self, name: &str) -> Option<Password> {
        self.members.text(name).map(|text| Password::new(&text))
    }

    /// Reads a new password and validates it.
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

    /// Succeeds if every member was taken and valid.
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

/// Requires a value.
///
/// # Errors
/// [`Code::ValidationFailed`]
pub fn required<T>(name: &str, value: Option<T>) -> Result<T, Failure> {
    let missing = || FieldError::new(name, Rule::Required, "Required.");
    value.ok_or_else(|| Failure::fields(Code::ValidationFailed, vec![missing()]))
}
