package main

import (
	"crypto/x509"
	"sort"
	"strings"

	"yurt-ssh-standin/internal/kubeapi"
)

// fromOpenYurt takes the serving certificates of hubs, and client certificates of those that came with a token.
func fromOpenYurt(object kubeapi.Object, request *x509.CertificateRequest) bool {
	if !strings.HasPrefix(request.Subject.CommonName, "system:node:") {
		return false
	}
	organizations := request.Subject.Organization
	switch kubeapi.Text(object, "spec", "signerName") {
	case "kubernetes.io/kubelet-serving":
		return len(organizations) == 1 && organizations[0] == "system:nodes" &&
			len(request.DNSNames)+len(request.IPAddresses) > 0 && usages(object) == "digital signature,key encipherment,server auth"
	case "kubernetes.io/kube-apiserver-client":
		for _, organization := range organizations {
			if organization != "openyurt:yurthub" && organization != "system:nodes" {
				return false
			}
		}
		return len(organizations) > 1 && usages(object) == "client auth,digital signature,key encipherment"
	}
	return false
}

// usages are what the certificate is to be used for, in order.
func usages(object kubeapi.Object) string {
	var found []string
	list, _ := kubeapi.Field(object, "spec", "usages").([]any)
	for _, usage := range list {
		text, _ := usage.(string)
		found = append(found, text)
	}
	sort.Strings(found)
	return strings.Join(found, ",")
}
