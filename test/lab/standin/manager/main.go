// Command yurt-manager is the lab's stand-in for OpenYurt's yurt-manager v1.7.0: certificates, pools, webhooks, autonomy
// and the conversion that labels start. It is not OpenYurt; see ../README.md.
package main

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"yurt-ssh-standin/internal/approver"
	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/leader"
	"yurt-ssh-standin/internal/logs"
)

const banner = "yurt-ssh lab stand-in for yurt-manager, not OpenYurt"

// release is which yurt-manager this one stands in for; the linker sets it.
var release = "v1.7.0"

func main() {
	fmt.Println(banner)
	opts := readOptions(os.Args[1:])
	client, err := opts.client()
	if err != nil {
		logs.Fatalf("%v", err)
	}
	hooks := newWebhooks(client, opts)
	if err := hooks.start(); err != nil {
		logs.Fatalf("webhooks: %v", err)
	}
	go serveHealth(opts.healthAddress)
	elector := leader.New(client, leader.Settings{
		Lease: opts.leaseName, Enabled: opts.leaderElect,
		Duration: opts.leaseDuration, Deadline: opts.renewDeadline, Retry: opts.retry,
	})
	elector.Acquire()
	go elector.Keep()
	go every(10*time.Second, hooks.ensure)
	for name, work := range map[string]func(){
		"csr-approver-controller":         func() { approver.Approve(client, as(client, "csr-approver-controller"), fromOpenYurt) },
		"nodepool-controller":             func() { countPools(client, as(client, "nodepool-controller")) },
		"pod-binding-controller":          newBinding(client).look,
		"yurt-node-conversion-controller": newConversion(client, opts).look,
	} {
		if opts.enabled(name) {
			go every(time.Second, work)
		}
	}
	select {}
}

// serveHealth answers healthz and readyz, whoever leads.
func serveHealth(address string) {
	mux := http.NewServeMux()
	for _, path := range []string{"/healthz", "/readyz"} {
		mux.HandleFunc(path, func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprint(writer, "ok") })
	}
	logs.Fatalf("%v", http.ListenAndServe(address, mux))
}

func every(pause time.Duration, work func()) {
	for ; ; time.Sleep(pause) {
		work()
	}
}

// listAll decodes the items at path; nil and a line in the log when that fails.
func listAll(client *kubeapi.Client, path string) []kubeapi.Object {
	var list struct{ Items []kubeapi.Object }
	if err := client.Get(path, &list); err != nil {
		logs.V(2, "%s: %v", path, err)
	}
	return list.Items
}
