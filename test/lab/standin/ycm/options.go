package main

import (
	"fmt"
	"os"
	"time"

	"yurt-ssh-standin/internal/flags"
	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const userAgent = "yurt-controller-manager/v0.6.1 (linux/amd64) stand-in"

// options are the flags that change what the stand-in does; the real program's other flags are accepted.
type options struct {
	address, kubeconfig, master              string
	controllers                              []string
	leaderElect                              bool
	leaseDuration, renewDeadline, retry      time.Duration
	monitorPeriod, monitorGrace, startGrace  time.Duration
	evictionRate, secondaryRate, zoneTrouble float64
	largeCluster                             int
}

func readOptions(args []string) *options {
	o := &options{address: "0.0.0.0:10266", monitorPeriod: 5 * time.Second}
	f := flags.New("yurt-controller-manager", true)
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig; the pod's service account when empty")
	f.StringVar(&o.master, "master", "", "API server, instead of the kubeconfig's")
	f.List(&o.controllers, "controllers", "controllers to run")
	f.BoolVar(&o.leaderElect, "leader-elect", true, "wait for leadership")
	f.DurationVar(&o.leaseDuration, "leader-elect-lease-duration", 15*time.Second, "life of a leadership")
	f.DurationVar(&o.renewDeadline, "leader-elect-renew-deadline", 10*time.Second, "give up leadership after")
	f.DurationVar(&o.retry, "leader-elect-retry-period", 2*time.Second, "between tries")
	f.DurationVar(&o.monitorGrace, "node-monitor-grace-period", 40*time.Second, "silence until a node is Unknown")
	f.DurationVar(&o.startGrace, "node-startup-grace-period", time.Minute, "the same for a node that never spoke")
	f.Float64Var(&o.evictionRate, "node-eviction-rate", 0.1, "nodes tainted per second")
	f.Float64Var(&o.secondaryRate, "secondary-node-eviction-rate", 0.01, "the same in a large zone in trouble")
	f.Float64Var(&o.zoneTrouble, "unhealthy-zone-threshold", 0.55, "part of a zone that means trouble")
	f.IntVar(&o.largeCluster, "large-cluster-size-threshold", 50, "nodes in a large zone")
	f.Ignore("contention-profiling!", "profiling!", "controller-start-interval", "feature-gates", "kube-api-burst",
		"kube-api-content-type", "kube-api-qps", "leader-elect-resource-lock", "leader-elect-resource-name",
		"leader-elect-resource-namespace", "min-resync-period", "enable-taint-manager!", "pod-eviction-timeout")
	f.MustParse(args, 1)
	if f.ShowVersion {
		fmt.Println("yurt-controller-manager: v0.6.1 (stand-in)")
		os.Exit(0)
	}
	logs.SetVerbosity(f.Verbosity)
	return o
}

// enabled follows kube-controller-manager's rule: the first exact entry decides, "*" when there is none.
func (o *options) enabled(name string) bool {
	all := len(o.controllers) == 0
	for _, entry := range o.controllers {
		switch entry {
		case name:
			return true
		case "-" + name:
			return false
		case "*":
			all = true
		}
	}
	return all
}

func (o *options) client() (*kubeapi.Client, error) {
	if o.kubeconfig != "" {
		return kubeapi.FromKubeconfig(o.kubeconfig, o.master, userAgent)
	}
	return kubeapi.InCluster(userAgent)
}
