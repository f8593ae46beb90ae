package main

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

// approveAll approves every open signing request of OpenYurt's own organizations. Nothing else about a request is
// looked at, as in the real one.
func approveAll(client *kubeapi.Client) {
	requests, err := listAll[kubeapi.Object](client, requestsPath)
	if err != nil {
		logs.V(2, "signing requests: %v", err)
		return
	}
	for _, request := range requests {
		if decided(request) || !fromOpenYurt(request) {
			continue
		}
		status, name := kubeapi.Map(request, "status"), kubeapi.Text(request, "metadata", "name")
		conditions, _ := status["conditions"].([]any)
		status["conditions"] = append(conditions, kubeapi.Object{
			"type": "Approved", "status": "True", "reason": "AutoApproved", "message": "approved by the lab's stand-in",
			"lastUpdateTime": time.Now().UTC().Format(time.RFC3339),
		})
		request["kind"], request["apiVersion"] = "CertificateSigningRequest", "certificates.k8s.io/v1"
		if err := client.Do(http.MethodPut, requestsPath+"/"+name+"/approval", "", request, nil); err != nil {
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

func fromOpenYurt(request kubeapi.Object) bool {
	text, err := base64.StdEncoding.DecodeString(kubeapi.Text(request, "spec", "request"))
	if err != nil {
		return false
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return false
	}
	parsed, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return false
	}
	for _, organization := range parsed.Subject.Organization {
		if organization == "openyurt:yurthub" || organization == "openyurt:yurttunnel" {
			return true
		}
	}
	return false
}
