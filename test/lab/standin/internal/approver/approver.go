// Package approver approves certificate signing requests.
package approver

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const requestsPath = "/apis/certificates.k8s.io/v1/certificatesigningrequests"

// Approve approves, as own, every open signing request that is wanted; wanted sees the object and what it asks for.
func Approve(client, own *kubeapi.Client, wanted func(kubeapi.Object, *x509.CertificateRequest) bool) {
	var list struct{ Items []kubeapi.Object }
	if err := client.Get(requestsPath, &list); err != nil {
		logs.V(2, "signing requests: %v", err)
		return
	}
	for _, request := range list.Items {
		if decided(request) {
			continue
		}
		if parsed := parse(request); parsed == nil || !wanted(request, parsed) {
			continue
		}
		status, name := kubeapi.Map(request, "status"), kubeapi.Text(request, "metadata", "name")
		conditions, _ := status["conditions"].([]any)
		status["conditions"] = append(conditions, kubeapi.Object{
			"type": "Approved", "status": "True", "reason": "AutoApproved", "message": "approved by the lab's stand-in",
			"lastUpdateTime": time.Now().UTC().Format(time.RFC3339),
		})
		request["kind"], request["apiVersion"] = "CertificateSigningRequest", "certificates.k8s.io/v1"
		if err := own.Do(http.MethodPut, requestsPath+"/"+name+"/approval", "", request, nil); err != nil {
			logs.Errorf("could not approve %s: %v", name, err)
			continue
		}
		logs.Infof("approved %s", name)
	}
}

func decided(request kubeapi.Object) bool {
	conditions, _ := kubeapi.Field(request, "status", "conditions").([]any)
	for _, condition := range conditions {
		if kind := kubeapi.Text(condition, "type"); kind == "Approved" || kind == "Denied" {
			return true
		}
	}
	return false
}

// parse returns what the object asks for, nil where it cannot be read.
func parse(request kubeapi.Object) *x509.CertificateRequest {
	text, err := base64.StdEncoding.DecodeString(kubeapi.Text(request, "spec", "request"))
	if err != nil {
		return nil
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return nil
	}
	parsed, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil
	}
	return parsed
}
