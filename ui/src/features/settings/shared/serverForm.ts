// What it takes to reach a PostgreSQL as its administrator, and what stands in the way of trying.
import { reactive } from 'vue'
import type { CreateWorkspaceRequest, Failure, WorkspaceInfo } from '@/bridge/generated/types'
import { t, told } from '@/locales'
import { sentence } from '@/shell/failure'

/** Answers as typed; the port is a text until it is sent. */
export type ServerAnswers = Omit<CreateWorkspaceRequest, 'port'> & { port: string }

/** Texts in the order in which they are asked. */
export const serverOrder = ['host', 'port', 'database', 'login', 'password', 'authority'] as const

/** One of them. */
export type ServerField = (typeof serverOrder)[number]

/** Empty answers; address and database of a desk that is shared already are known. */
export function emptyServer(place?: WorkspaceInfo) {
  const [, host = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(place?.address ?? '') ?? []
  return reactive<ServerAnswers>({
    host,
    port: port || '5432',
    database: place?.database ?? '',
    login: '',
    password: '',
    authority: '',
    pooled: false,
  })
}

/** Fields that need another look, each with the key of its sentence. */
export function wrongServer(answers: ServerAnswers): Partial<Record<ServerField, string>> {
  const wrong: Partial<Record<ServerField, string>> = {}
  if (!answers.host.trim()) wrong.host = 'shared.wrong.host'
  const port = portOf(answers.port)
  if (!(port >= 1 && port <= 65_535)) wrong.port = 'shared.wrong.port'
  if (!answers.database.trim()) wrong.database = 'shared.wrong.database'
  if (!answers.login.trim()) wrong.login = 'shared.wrong.login'
  const authority = answers.authority.trim()
  if (authority && !/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(authority))
    wrong.authority = 'shared.wrong.authority'
  return wrong
}

const portOf = (typed: string) => (/^\d{1,5}$/.test(plain(typed)) ? Number(plain(typed)) : Number.NaN)
const plain = (typed: string) => typed.normalize('NFKC').trim()

/** The request, without the blanks that slip in at the ends of names. The password stays as it is. */
export const serverRequest = (answers: ServerAnswers): CreateWorkspaceRequest => ({
  ...answers,
  host: plain(answers.host),
  port: portOf(answers.port),
  database: answers.database.trim(),
  login: answers.login.trim(),
  authority: answers.authority.trim(),
})

/** The field that a refusal is about, if it is about one. */
export const serverFieldOf = (code: string): ServerField | undefined =>
  (
    ({
      shared_unreachable: 'host',
      shared_tls: 'authority',
      shared_login: 'login',
      shared_may_not_install: 'login',
      not_found: 'database',
    }) as Partial<Record<string, ServerField>>
  )[code]

/** The sentence of a refusal. What was not found here is no form: the caller says what it was. */
export function sharedSentence(thrown: unknown, missing: string): string {
  const { code } = thrown as Failure
  return code === 'not_found' && told(missing) ? t(missing) : sentence(thrown)
}
