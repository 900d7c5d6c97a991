"""A client as openapi-python-client makes it: signs in, lists, creates, changes and imports."""

import io
import os

from roster_client import AuthenticatedClient, Client
from roster_client.api.authentication import sign_in
from roster_client.api.employees import (
    create_employee,
    import_employees,
    list_employees,
    update_employee,
)
from roster_client.models import EmployeeChanges, NewEmployee
from roster_client.models import CredentialsType0 as Credentials
from roster_client.types import File

server = os.environ["ROSTER_SERVER"]
credentials = Credentials(user=os.environ["ROSTER_USER"], pwd=os.environ["ROSTER_PASSWORD"])
session = sign_in.sync(client=Client(server), body=credentials)
client = AuthenticatedClient(server, token=session.access_token)

employees = list_employees.sync(client=client, limit=5, sort="lastname")
assert len(employees) <= 5

created = create_employee.sync(
    client=client, body=NewEmployee(firstname="Pia", lastname="Thon", status="active")
)
changes = EmployeeChanges(title="Analyst", manager=None)
changed = update_employee.sync(
    created.id, client=client, body=changes, if_match=f'"{created.version}"'
)
assert changed.title == "Analyst"

stale = update_employee.sync(
    created.id, client=client, body=changes, if_match=f'"{created.version}"'
)
assert stale.code == "stale" and stale.current.title == "Analyst"

rows = File(io.BytesIO(b"firstname,lastname\nIvo,Port\n"), mime_type="text/csv")
report = import_employees.sync(client=client, body=rows, dry_run=True)
assert report.created == 1, report
