/** Words of the API server's admission and what to do about them; $1 is what the words name. */
const refusals: [words: RegExp, hint: string][] = [
  [
    /admission webhook "([^"]+)" does not support dry run/,
    'webhook $1 declares side effects: what it says of this is only known once it is done',
  ],
  [
    /admission webhook "([^"]+)" denied the request/,
    'a policy behind webhook $1 says no: change or exempt it there, its words say what it minds',
  ],
  [
    /failed calling (?:admission )?webhook "([^"]+)"/,
    'webhook $1 does not answer, and its configuration refuses what it cannot check: mend the service behind it, or remove its ValidatingWebhookConfiguration or MutatingWebhookConfiguration',
  ],
  [/ValidatingAdmissionPolicy '([^']+)'/, 'ValidatingAdmissionPolicy $1 says no: change it or its binding'],
  [
    /exceeded quota: ([^\s,]+)/,
    'ResourceQuota $1 leaves no room: raise it (kubectl get resourcequota -A), or delete it',
  ],
  [
    /failed quota: ([^\s,:]+)/,
    'ResourceQuota $1 wants requests or limits on every pod there: a LimitRange with defaults gives them, or take them out of the quota',
  ],
  [
    /PodSecurityPolicy|unable to validate against any pod security policy/i,
    'no PodSecurityPolicy that its service account may use allows this pod: give system:serviceaccounts of its namespace the use of a privileged one',
  ],
  [
    /security context constraint/i,
    'no SecurityContextConstraints that its service account may use allows this pod: oc adm policy add-scc-to-user privileged',
  ],
  [
    /violates PodSecurity/,
    "Pod Security of its namespace says no: set the namespace's label pod-security.kubernetes.io/enforce to privileged",
  ],
  [
    /(?:minimum|maximum) \S+ usage per \S+ is|max limit to request ratio per/,
    'a LimitRange of its namespace says no: kubectl get limitrange -A',
  ],
  [/image policy webhook backend denied/, "the API server's image policy says no: allow the image there"],
]

/** What to do where admission refuses something with these words; undefined where they are of something else. */
export function refusalHint(words: string): string | undefined {
  for (const [pattern, hint] of refusals) {
    const found = pattern.exec(words)
    if (found !== null) return hint.replace('$1', found[1] ?? '')
  }
  return undefined
}
