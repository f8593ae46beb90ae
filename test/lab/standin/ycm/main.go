// Command yurt-controller-manager is the lab's stand-in for OpenYurt's controller manager v0.6.1: the approver of
// the hub's certificate requests and the node lifecycle with autonomy. It is not OpenYurt; see ../README.md.
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

const banner = "yurt-ssh lab stand-in for yurt-controller-manager, not OpenYurt"

func main() {
	fmt.Println(banner)
	opts := readOptions(os.Args[1:])
	client, err := opts.client()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go serveHealth(opts.address)
	elector := leader.New(client, leader.Settings{
		Lease: "yurt-controller-manager", Enabled: opts.leaderElect,
		Duration: opts.leaseDuration, Deadline: opts.renewDeadline, Retry: opts.retry,
	})
	elector.Acquire()
	go elector.Keep()
	if opts.enabled("yurtcsrapprover") {
		go forever(time.Second, func() { approver.Approve(client, client, fromOpenYurt) })
	}
	if opts.enabled("nodelifecycle") {
		go newController(client, opts).run()
	}
	select {}
}

// serveHealth answers plain http on every address, whether the API is there or not.
func serveHealth(address string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(writer http.ResponseWriter, _ *http.Request) { fmt.Fprint(writer, "ok") })
	mux.HandleFunc("/metrics", func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(writer, "# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds %d\n", started.Unix())
	})
	logs.Fatalf("%v", http.ListenAndServe(address, mux))
}

var started = time.Now()

func forever(pause time.Duration, work func()) {
	for ; ; time.Sleep(pause) {
		work()
	}
}

// listAll decodes the items at path.
func listAll[T any](client *kubeapi.Client, path string) ([]T, error) {
	var list struct{ Items []T }
	err := client.Get(path, &list)
	return list.Items, err
}
