package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// admitter decides one request: a refusal, or a JSON patch.
type admitter func(*webhooks, *request) (*refusal, []any)

// webhooks serves admission on every replica, whoever leads, and keeps the two configurations that lead to it.
type webhooks struct {
	client, pools *kubeapi.Client
	port          string
	served        map[string]admitter
	bundle        []byte
}

func newWebhooks(client *kubeapi.Client, opts *options) *webhooks {
	w := &webhooks{client: client, pools: as(client, "nodepool-controller"), port: opts.webhookPort, served: map[string]admitter{}}
	if opts.enabled("nodepool-controller") {
		w.served["/mutate-apps-openyurt-io-v1beta2-nodepool"] = poolMutates
		w.served["/validate-apps-openyurt-io-v1beta2-nodepool"] = poolValidates
	}
	if !contains(opts.disabledWebhooks, "node") && !contains(opts.disabledWebhooks, "*") {
		w.served["/mutate-core-openyurt-io-v1-node"] = nodeMutates
		w.served["/validate-core-openyurt-io-v1-node"] = nodeValidates
	}
	return w
}

// start serves, and points the configurations here; it fails after 20 s without them, as the real one does.
func (w *webhooks) start() error {
	pair, bundle, err := ensureCertificate(w.client)
	if err != nil {
		return err
	}
	w.bundle = bundle
	server := &http.Server{
		Addr: ":" + w.port, Handler: http.HandlerFunc(w.answer),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}},
	}
	go func() { logs.Fatalf("%v", server.ListenAndServeTLS("", "")) }()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Second) {
		if err := w.ensureBoth(); err == nil {
			return nil
		} else if time.Now().After(end) {
			return fmt.Errorf("could not prepare certificate for webhook within 20s: %w", err)
		}
	}
}

func (w *webhooks) ensure() {
	if err := w.ensureBoth(); err != nil {
		logs.Errorf("%v", err)
	}
}

func (w *webhooks) ensureBoth() error {
	for _, kind := range []string{"mutating", "validating"} {
		if err := w.ensureConfiguration(kind); err != nil {
			return err
		}
	}
	return nil
}

// ensureConfiguration writes the CA bundle and drops what is not served. What the configuration held when a manager saw
// it first is kept in an annotation, and that is what later managers start from: rules of a later release are lost.
func (w *webhooks) ensureConfiguration(kind string) error {
	const annotation = "yurt-manager-template"
	name := "yurt-manager-" + kind + "-webhook-configuration"
	path := "/apis/admissionregistration.k8s.io/v1/" + kind + "webhookconfigurations/" + name
	var configuration kubeapi.Object
	if err := w.client.Get(path, &configuration); err != nil {
		return fmt.Errorf("not found %s: %w", name, err)
	}
	before, _ := json.Marshal(configuration["webhooks"])
	template := []byte(kubeapi.Text(configuration, "metadata", "annotations", annotation))
	if len(template) == 0 {
		template = before
	}
	var hooks, kept []any
	if err := json.Unmarshal(template, &hooks); err != nil {
		return err
	}
	for _, hook := range hooks {
		if w.served[kubeapi.Text(hook, "clientConfig", "service", "path")] != nil {
			kubeapi.Map(hook.(kubeapi.Object), "clientConfig")["caBundle"] = w.bundle
			kept = append(kept, hook)
		}
	}
	// through JSON, so that both sides have the same types
	encoded, _ := json.Marshal(kept)
	var want, have any
	json.Unmarshal(encoded, &want)
	json.Unmarshal(before, &have)
	annotations := kubeapi.Map(kubeapi.Map(configuration, "metadata"), "annotations")
	if annotations[annotation] == string(template) && reflect.DeepEqual(want, have) {
		return nil
	}
	annotations[annotation], configuration["webhooks"] = string(template), kept
	return w.client.Do(http.MethodPut, path, "", configuration, nil)
}

// answer serves one AdmissionReview.
func (w *webhooks) answer(writer http.ResponseWriter, incoming *http.Request) {
	admit := w.served[incoming.URL.Path]
	var review struct {
		APIVersion, Kind string
		Request          *struct {
			UID string
			request
		}
	}
	if err := json.NewDecoder(incoming.Body).Decode(&review); err != nil || admit == nil || review.Request == nil {
		writer.WriteHeader(http.StatusNotFound)
		return
	}
	refused, patch := admit(w, &review.Request.request)
	response := kubeapi.Object{"uid": review.Request.UID, "allowed": refused == nil}
	if refused != nil {
		response["status"] = kubeapi.Object{"code": refused.code, "reason": refused.reason, "message": refused.message}
	}
	if patch != nil {
		encoded, _ := json.Marshal(patch)
		response["patchType"], response["patch"] = "JSONPatch", encoded
	}
	writer.Header().Set("Content-Type", "application/json")
	json.NewEncoder(writer).Encode(kubeapi.Object{
		"apiVersion": review.APIVersion, "kind": review.Kind, "response": response,
	})
}
