// A client as openapi-typescript and openapi-fetch make it: signs in, lists, creates, changes and imports.
import createClient from "openapi-fetch";
import assert from "node:assert/strict";
import type { components, paths } from "./schema.js";

type Employee = components["schemas"]["Employee"];

const { ROSTER_SERVER, ROSTER_USER, ROSTER_PASSWORD } = process.env;
assert(ROSTER_SERVER && ROSTER_USER && ROSTER_PASSWORD);
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl: ROSTER_SERVER });

const signIn = await client.POST("/auth", { body: { user: ROSTER_USER, pwd: ROSTER_PASSWORD } });
assert(signIn.data, signIn.error?.detail);
const token = signIn.data.accessToken;
client.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
  },
});

const list = await client.GET("/employees", { params: { query: { limit: 5, sort: "lastname" } } });
assert(list.data, list.error?.detail);
const employees: Employee[] = list.data;
assert(employees.length <= 5);

const created = await client.POST("/employees", {
  body: { firstname: "Tess", lastname: "Script", status: "active" },
});
assert(created.data, created.error?.detail);
const { id, version } = created.data;

const changed = await client.PATCH("/employees/{id}", {
  params: { path: { id }, header: { "If-Match": `"${version}"` } },
  body: { title: "Analyst", manager: null },
});
assert(changed.data, changed.error?.detail);
assert.equal(changed.data.title, "Analyst");

const stale = await client.PATCH("/employees/{id}", {
  params: { path: { id }, header: { "If-Match": `"${version}"` } },
  body: { title: "Late" },
});
assert.equal(stale.error?.code, "stale");
assert.equal(stale.error.current?.title, "Analyst");

const report = await client.POST("/employees/import", {
  params: { query: { dry_run: true } },
  body: "firstname,lastname\nIvo,Port\n",
  bodySerializer: (body: string) => body,
  headers: { "Content-Type": "text/csv" },
});
assert(report.data, report.error?.detail);
assert.equal(report.data.created, 1);
