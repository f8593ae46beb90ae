package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// backend proxies to one API server. Watches are flushed event by event.
type backend struct {
	*httputil.ReverseProxy
	server  *serverHealth
	cache   *cachePolicy
	service *masterService
	metrics *metrics
}

func newBackend(server *serverHealth, up *upstream, cache *cachePolicy, service *masterService, m *metrics) *backend {
	b := &backend{
		ReverseProxy: httputil.NewSingleHostReverseProxy(server.url),
		server:       server, cache: cache, service: service, metrics: m,
	}
	direct := b.Director
	b.Director = func(request *http.Request) {
		direct(request)
		if info, kept := contextOf(request); kept || b.service.applies(info) {
			wantJSON(request.Header)
		}
	}
	b.Transport, b.FlushInterval = up, -1
	b.ModifyResponse, b.ErrorHandler = b.change, b.failed
	return b
}

func contextOf(request *http.Request) (requestInfo, bool) {
	info, _ := request.Context().Value(infoKey).(requestInfo)
	kept, _ := request.Context().Value(keepKey).(bool)
	return info, kept
}

// wantJSON asks for plain JSON where the client would take protobuf or gzip: the stand-in reads only JSON, and a
// Kubernetes client decodes by the answer's content type.
func wantJSON(header http.Header) {
	header.Del("Accept-Encoding")
	if accept := header.Get("Accept"); !strings.HasPrefix(accept, "application/json") {
		header.Set("Accept", "application/json")
	}
}

// change rewrites and keeps a successful answer.
func (b *backend) change(response *http.Response) error {
	info, kept := contextOf(response.Request)
	if info.poolScoped() && response.StatusCode == http.StatusForbidden {
		return tooManyRequests(response, info)
	}
	rewrites := b.service.applies(info)
	if response.StatusCode < 200 || response.StatusCode > 206 || !kept && !rewrites {
		return nil
	}
	if kept {
		response.Body = b.counted(info, response.Body)
	}
	if info.verb == "watch" {
		reader, writer := io.Pipe()
		go b.relay(info, kept, rewrites, response.Body, writer)
		response.Body = &joined{PipeReader: reader, source: response.Body}
		return nil
	}
	content, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		return err
	}
	var object kubeapi.Object
	if json.Unmarshal(content, &object) == nil {
		if rewrites {
			b.service.rewriteList(object)
			content, _ = json.Marshal(object)
		}
		if kept {
			b.keep(info, object)
		}
	}
	response.Body = io.NopCloser(bytes.NewReader(content))
	response.ContentLength = int64(len(content))
	response.Header.Set("Content-Length", fmt.Sprint(len(content)))
	return nil
}

func (b *backend) keep(info requestInfo, object kubeapi.Object) {
	switch {
	case info.verb == "list":
		b.cache.keepList(info, object)
	case info.verb == "create":
		info.name = kubeapi.Text(object, "metadata", "name")
		b.cache.keepObject(info.key(), object)
	case info.name != "":
		b.cache.keepObject(info.key(), object)
	}
}

// relay passes watch events on one by one, rewriting and keeping them.
func (b *backend) relay(info requestInfo, kept, rewrites bool, source io.Reader, sink *io.PipeWriter) {
	decoder := json.NewDecoder(source)
	for {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); err != nil {
			sink.CloseWithError(err)
			return
		}
		var event struct {
			Type   string         `json:"type"`
			Object kubeapi.Object `json:"object"`
		}
		readable := json.Unmarshal(raw, &event) == nil
		if readable && rewrites && b.service.rewrite(event.Object) {
			raw, _ = json.Marshal(event)
		}
		if _, err := sink.Write(append(raw, '\n')); err != nil {
			return
		}
		if readable && kept {
			b.cache.keepEvent(info, event.Type, event.Object)
		}
	}
}

// joined closes the source together with the pipe that reads from it.
type joined struct {
	*io.PipeReader
	source io.Closer
}

func (j *joined) Close() error {
	j.PipeReader.Close()
	return j.source.Close()
}

// failed answers when the server could not be reached although it counted as healthy: from the cache, else 502.
func (b *backend) failed(writer http.ResponseWriter, request *http.Request, err error) {
	info, kept := contextOf(request)
	logs.Errorf("client=%s verb=%s resource=%s uri=%s: %v", info.component, info.verb, info.resource, request.URL, err)
	if kept && (info.verb == "get" || info.verb == "list") {
		if object, found := b.cache.answer(info); found {
			writeJSON(writer, http.StatusOK, object)
			return
		}
	}
	writer.WriteHeader(http.StatusBadGateway)
}

type countedBody struct {
	io.ReadCloser
	count func(int)
}

func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.count(n)
	return n, err
}

// counted feeds the traffic metric, which the real hub keeps for answers that it caches and no others.
func (b *backend) counted(info requestInfo, body io.ReadCloser) io.ReadCloser {
	return &countedBody{ReadCloser: body, count: func(n int) { b.metrics.traffic(info, n) }}
}
