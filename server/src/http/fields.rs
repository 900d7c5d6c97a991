//! A small JSON body, member by member: what is unknown, doubled or of the wrong type is a body that cannot be read
//! (400), and a value that breaks a rule is one that can (422). Every fault is named.

use hyper::header::HeaderMap;
use roster_common::problem::{Code, Rule};
use roster_common::{FieldError, NewPassword, Password};
use serde_json::Value;

use super::{Failure, RequestBody, extract};

/// The members that have not been taken, and what was wrong with those that have.
pub struct Fields {
    members: Vec<(String, Value)>,
    unreadable: Vec<FieldError>,
    refused: Vec<FieldError>,
}

impl Fields {
    /// Reads the body.
    ///
    /// # Errors
    /// [`Code::MediaTypeUnsupported`], [`Code::BodyTooLarge`], [`Code::Timeout`], [`Code::BodyInvalid`]
    pub async fn read(headers: &HeaderMap, body: RequestBody) -> Result<Self, Failure> {
        let members = extract::members(headers, body).await?;
        Ok(Self {
            members,
            unreadable: Vec::new(),
            refused: Vec::new(),
        })
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        let place = self.members.iter().position(|(member, _)| member == name)?;
        let (_, value) = self.members.remove(place);
        if self.members.iter().any(|(member, _)| member == name) {
            self.members.retain(|(member, _)| member != name);
            self.unreadable
                .push(FieldError::new(name, Rule::Duplicate, "Give it once."));
        }
        Some(value)
    }

    /// A text, as it stands there.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => self.is_no(name, "Must be text."),
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(flag) => Some(flag),
            _ => self.is_no(name, "Must be true or false."),
        }
    }

    fn is_no<T>(&mut self, name: &str, message: &str) -> Option<T> {
        self.unreadable
            .push(FieldError::new(name, Rule::Type, message));
        None
    }

    /// A text that is read as something else.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        name: &str,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.kept(
            text.parse()
                .map_err(|error| FieldError::new(name, Rule::Format, format!("{error}."))),
        )
    }

    /// A password as somebody presents it.
    pub fn password(&mut self, name: &str) -> Option<Password> {
        self.text(name).map(|text| Password::new(&text))
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
    pub fn finish(mut self) -> Result<(), Failure> {
        let unknown = self.members.drain(..);
        self.unreadable.extend(
            unknown
                .map(|(name, _)| FieldError::new(name, Rule::Unknown, "There is no such field.")),
        );
        match (self.unreadable.is_empty(), self.refused.is_empty()) {
            (false, _) => Err(Failure::fields(Code::BodyInvalid, self.unreadable)),
            (true, false) => Err(Failure::fields(Code::ValidationFailed, self.refused)),
            (true, true) => Ok(()),
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
