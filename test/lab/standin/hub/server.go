package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"

	"yurt-ssh-standin/internal/logs"
)

// serve opens every listener and blocks. A port in use ends the process with status 2: the real hub panics there.
func serve(opts *options, proxy *proxy, secure *tls.Config, own http.Handler) error {
	proxy.metrics.connections = proxy.up.open
	plain := []string{net.JoinHostPort(opts.proxyAddress, opts.proxyPort)}
	encrypted := []string{net.JoinHostPort(opts.proxyAddress, opts.proxySecurePort)}
	if opts.enableDummyIf {
		if _, err := net.InterfaceByName(opts.dummyName); err != nil {
			return err
		}
		plain = append(plain, net.JoinHostPort(opts.dummyIP, opts.proxyPort))
		if modern() {
			encrypted = nil
		}
		encrypted = append(encrypted, net.JoinHostPort(opts.dummyIP, opts.proxySecurePort))
	}
	if modern() {
		encrypted = append(encrypted, net.JoinHostPort(opts.nodeIP, opts.multiplexerPort))
	}
	failed := make(chan error)
	listen(net.JoinHostPort(opts.bindAddress, opts.servePort), nil, own, failed)
	for _, address := range plain {
		listen(address, nil, proxy, failed)
	}
	for _, address := range encrypted {
		listen(address, secure, proxy, failed)
	}
	logs.Infof("serving %v, tls %v", plain, encrypted)
	logs.Errorf("%v", <-failed)
	os.Exit(misuse)
	return nil
}

func listen(address string, secure *tls.Config, handler http.Handler, failed chan<- error) {
	go func() {
		listener, err := net.Listen("tcp", address)
		if err == nil && secure != nil {
			listener = tls.NewListener(listener, secure)
		}
		if err == nil {
			err = (&http.Server{Handler: handler}).Serve(listener)
		}
		failed <- fmt.Errorf("%s: %w", address, err)
	}()
}

// ownHandler serves the hub's own port: healthz, readyz where the release has it, metrics and the change of the join token.
func ownHandler(setToken func(string) error, ready func() error, metrics *metrics) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics)
	mux.HandleFunc("/v1/healthz", func(writer http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodGet {
			writer.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		fmt.Fprint(writer, "OK")
	})
	if ready != nil {
		mux.HandleFunc("/v1/readyz", func(writer http.ResponseWriter, _ *http.Request) {
			if err := ready(); err != nil {
				http.Error(writer, err.Error(), http.StatusInternalServerError)
				return
			}
			fmt.Fprint(writer, "OK")
		})
	}
	mux.HandleFunc("/v1/token", func(writer http.ResponseWriter, request *http.Request) {
		if request.Method != http.MethodPost && request.Method != http.MethodPut {
			writer.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		var tokens map[string]string
		if err := json.NewDecoder(request.Body).Decode(&tokens); err != nil || tokens["jointoken"] == "" {
			http.Error(writer, "expected {\"jointoken\": \"...\"}", http.StatusBadRequest)
			return
		}
		if err := setToken(tokens["jointoken"]); err != nil {
			http.Error(writer, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprint(writer, "the join token was changed")
	})
	return mux
}
