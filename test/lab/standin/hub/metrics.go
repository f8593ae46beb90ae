package main

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
)

// metrics are the hub's own Prometheus metrics, by series.
type metrics struct {
	mu          sync.Mutex
	series      map[string]map[string]float64
	rejections  float64
	inFlightSum float64
	connections func() map[string]int
}

const prefix = "node_yurthub_"

var metricHelp = map[string][2]string{
	"in_flight_requests_collector": {"gauge", "requests being served, by client, verb and resource"},
	"proxy_traffic_collector":      {"counter", "bytes of cached answers, by client, verb and resource"},
	"server_healthy_status":        {"gauge", "1 when the API server is healthy, 0 when not"},
	"closable_conns_collector":     {"gauge", "open connections, by API server"},
	"in_flight_requests_total":     {"gauge", "requests being served"},
	"rejected_requests_counter":    {"counter", "requests refused because the hub was busy"},
}

func newMetrics() *metrics { return &metrics{series: map[string]map[string]float64{}} }

func requestLabels(info requestInfo) string {
	return fmt.Sprintf("client=%q,resource=%q,subresources=%q,verb=%q", info.client, info.resource, info.sub, info.verb)
}

func (m *metrics) add(name, labels string, value float64, set bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.series[name] == nil {
		m.series[name] = map[string]float64{}
	}
	if set {
		m.series[name][labels] = value
	} else {
		m.series[name][labels] += value
	}
}

func (m *metrics) inFlight(info requestInfo, delta float64) {
	m.add("in_flight_requests_collector", requestLabels(info), delta, false)
	m.mu.Lock()
	m.inFlightSum += delta
	m.mu.Unlock()
}

func (m *metrics) traffic(info requestInfo, bytes int) {
	if bytes > 0 {
		m.add("proxy_traffic_collector", requestLabels(info), float64(bytes), false)
	}
}

func (m *metrics) serverHealthy(server string, value float64) {
	m.add("server_healthy_status", fmt.Sprintf("server=%q", server), value, true)
}

func (m *metrics) rejected() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rejections++
}

// ServeHTTP writes the text exposition format.
func (m *metrics) ServeHTTP(writer http.ResponseWriter, _ *http.Request) {
	if m.connections != nil {
		for server, count := range m.connections() {
			m.add("closable_conns_collector", fmt.Sprintf("server=%q", server), float64(count), true)
		}
	}
	writer.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series["in_flight_requests_total"] = map[string]float64{"": m.inFlightSum}
	m.series["rejected_requests_counter"] = map[string]float64{"": m.rejections}
	for _, name := range sortedKeys(m.series) {
		fmt.Fprintf(writer, "# HELP %s%s %s\n# TYPE %s%s %s\n", prefix, name, metricHelp[name][1], prefix, name, metricHelp[name][0])
		for _, labels := range sortedKeys(m.series[name]) {
			braced := strings.TrimSuffix("{"+labels+"}", "{}")
			fmt.Fprintf(writer, "%s%s%s %v\n", prefix, name, braced, m.series[name][labels])
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
