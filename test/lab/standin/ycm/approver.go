package main

import (
	"crypto/x509"

	"yurt-ssh-standin/internal/kubeapi"
)

// fromOpenYurt is all that v0.6.1 looks at: one of OpenYurt's own organizations.
func fromOpenYurt(_ kubeapi.Object, request *x509.CertificateRequest) bool {
	for _, organization := range request.Subject.Organization {
		if organization == "openyurt:yurthub" || organization == "openyurt:yurttunnel" {
			return true
		}
	}
	return false
}
