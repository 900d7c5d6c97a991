//! The fixed numbers of enums in rows.
//!
//! A number is never changed, and never given to another variant: rows of years ago hold it. A new
//! variant gets the next free number below 128, wherever it stands in its enum. The compiler asks
//! for it here.

use roster_common::Role;
use roster_common::employee::{Field, Status};
use roster_common::history::{AuditAction, ChangeKind};

use super::BadValue;
use crate::rules::session::EndReason;

/// An enum that rows hold as a number.
pub(super) trait Numbered: Sized {
    /// The number of this variant.
    fn number(self) -> u8;

    /// The variant of a number.
    ///
    /// # Errors
    /// [`BadValue::Number`] if no variant has it.
    fn from_number(number: u8) -> Result<Self, BadValue>;
}

macro_rules! numbered {
    ($enum:ident { $($number:literal => $variant:ident,)+ }) => {
        impl Numbered for $enum {
            fn number(self) -> u8 {
                match self {
                    $(Self::$variant => $number,)+
                }
            }

            fn from_number(number: u8) -> Result<Self, BadValue> {
                match number {
                    $($number => Ok(Self::$variant),)+
                    _ => Err(BadValue::Number { of: stringify!($enum), number }),
                }
            }
        }
    };
}

numbered! {
    Role {
        0 => Viewer,
        1 => Editor,
        2 => Admin,
    }
}

numbered! {
    EndReason {
        0 => Logout,
        1 => Replaced,
        2 => Reuse,
        3 => Revoked,
        4 => Restored,
    }
}

numbered! {
    Status {
        0 => Active,
        1 => Leave,
        2 => Left,
    }
}

numbered! {
    Field {
        0 => Firstname,
        1 => Lastname,
        2 => Email,
        3 => Phone,
        4 => Title,
        5 => Department,
        6 => Location,
        7 => Manager,
        8 => Status,
        9 => Hired,
        10 => Notes,
        11 => Number,
    }
}

numbered! {
    ChangeKind {
        0 => Created,
        1 => Changed,
        2 => Deleted,
        3 => Restored,
        4 => Forgotten,
        5 => Other,
        6 => Merged,
    }
}

numbered! {
    AuditAction {
        0 => SignedIn,
        1 => SignInRefused,
        2 => SignedOut,
        3 => TokenReused,
        4 => SessionEnded,
        5 => PasswordChanged,
        6 => UserCreated,
        7 => UserDeleted,
        8 => RoleChanged,
        9 => UserDisabled,
        10 => UserEnabled,
        11 => PasswordReset,
        12 => EmployeeCreated,
        13 => EmployeeChanged,
        14 => EmployeeDeleted,
        15 => EmployeesImported,
        16 => EmployeeRestored,
        17 => Other,
        18 => DatabaseRestored,
        19 => EmployeeForgotten,
        20 => ImportUndone,
        21 => EmployeesMerged,
        22 => EmployeesExported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that the first numbers of an enum stand for these variants. A variant that is added
    /// later has a higher number, so it fails nothing here.
    fn pin<E: Numbered + Copy>(name: impl Fn(E) -> String, expected: &[&str]) {
        for (number, expected) in (0..).zip(expected) {
            let variant = E::from_number(number).unwrap();
            assert_eq!(variant.number(), number);
            assert_eq!(name(variant), *expected, "number {number}");
        }
    }

    /// The name of a variant in the API.
    fn api_name<E: serde::Serialize>(variant: E) -> String {
        let value = serde_json::to_value(variant).unwrap();
        value.as_str().unwrap().to_owned()
    }

    #[test]
    fn every_variant_keeps_its_number() {
        pin::<Role>(api_name, &["viewer", "editor", "admin"]);
        pin::<EndReason>(
            |reason| format!("{reason:?}"),
            &["Logout", "Replaced", "Reuse", "Revoked", "Restored"],
        );
        pin::<Status>(api_name, &["active", "leave", "left"]);
        pin::<Field>(
            api_name,
            &[
                "firstname",
                "lastname",
                "email",
                "phone",
                "title",
                "department",
                "location",
                "manager",
                "status",
                "hired",
                "notes",
                "number",
            ],
        );
        pin::<ChangeKind>(
            api_name,
            &[
                "created",
                "changed",
                "deleted",
                "restored",
                "forgotten",
                "other",
                "merged",
            ],
        );
        pin::<AuditAction>(
            api_name,
            &[
                "signed_in",
                "sign_in_refused",
                "signed_out",
                "token_reused",
                "session_ended",
                "password_changed",
                "user_created",
                "user_deleted",
                "role_changed",
                "user_disabled",
                "user_enabled",
                "password_reset",
                "employee_created",
                "employee_changed",
                "employee_deleted",
                "employees_imported",
                "employee_restored",
                "other",
                "database_restored",
                "employee_forgotten",
                "import_undone",
                "employees_merged",
            ],
        );
    }

    #[test]
    fn an_unknown_number_is_an_error_that_names_it() {
        let error = Role::from_number(99).unwrap_err();
        assert_eq!(error.to_string(), "99 is not a valid Role");
    }
}
