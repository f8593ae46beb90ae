// Package kubeapi is a small Kubernetes API client: JSON over net/http, nothing generated.
package kubeapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Object is a Kubernetes object as decoded JSON, so that an update keeps fields we know nothing about.
type Object = map[string]any

// Content types of the two patches in use.
const (
	MergePatch     = "application/merge-patch+json"
	StrategicPatch = "application/strategic-merge-patch+json"
)

// Client talks to one API server.
type Client struct {
	Server    string
	UserAgent string
	Token     func() string
	HTTP      *http.Client
}

// Transport returns a transport that trusts the CA (the system's when ca is empty) and shows the certificate that
// cert returns; cert may be nil.
func Transport(ca []byte, cert func() *tls.Certificate) *http.Transport {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(ca) > 0 {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(ca)
	}
	if cert != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if current := cert(); current != nil {
				return current, nil
			}
			return &tls.Certificate{}, nil
		}
	}
	return &http.Transport{
		TLSClientConfig: config, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 25,
		IdleConnTimeout: 90 * time.Second,
	}
}

// StatusError is an answer of 400 or more.
type StatusError struct {
	Code    int
	Message string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%d: %s", e.Code, e.Message) }

// HasCode reports whether err is an answer with that HTTP status.
func HasCode(err error, code int) bool {
	status, ok := err.(*StatusError)
	return ok && status.Code == code
}

// Get decodes the object or list at path into out.
func (c *Client) Get(path string, out any) error { return c.Do(http.MethodGet, path, "", nil, out) }

// Do sends body as JSON (contentType defaults to application/json) and decodes the answer into out, both optional.
func (c *Client) Do(method, path, contentType string, body, out any) error {
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(encoded)
	}
	timeout := c.HTTP.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.Server, "/")+path, reader)
	if err != nil {
		return err
	}
	c.head(request, contentType)
	response, err := c.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		var status struct{ Message string }
		if json.Unmarshal(content, &status) != nil || status.Message == "" {
			status.Message = strings.TrimSpace(string(content))
		}
		return &StatusError{Code: response.StatusCode, Message: status.Message}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(content, out)
}

func (c *Client) head(request *http.Request, contentType string) {
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.UserAgent)
	if request.Body != nil {
		if contentType == "" {
			contentType = "application/json"
		}
		request.Header.Set("Content-Type", contentType)
	}
	if c.Token != nil {
		if token := c.Token(); token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
	}
}
