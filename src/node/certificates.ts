/** Whether two texts have a certificate in common: a CA that is being replaced is trusted beside the new one. */
export function sharesCertificate(one: string, other: string): boolean {
  const known = new Set(certificatesOf(one))
  return certificatesOf(other).some((certificate) => known.has(certificate))
}

/** The certificates in PEM, without the text around them and without line breaks. */
function certificatesOf(pem: string): string[] {
  return [...pem.matchAll(/^-----BEGIN CERTIFICATE-----([\sA-Za-z0-9+/=]*?)-----END CERTIFICATE-----/gm)].map(
    ([, base64 = '']) => base64.replaceAll(/\s/g, ''),
  )
}
