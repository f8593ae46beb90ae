package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"yurt-ssh-standin/internal/flags"
	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

// options are the flags that change what the stand-in does; the real program's other flags are accepted.
type options struct {
	kubeconfig, healthAddress, webhookPort string
	leaseName, servantImage                string
	controllers, disabledWebhooks          []string
	leaderElect                            bool
	leaseDuration, renewDeadline, retry    time.Duration
}

// shortNames are the real program's controllers as --controllers may name them; one that names another is refused.
var shortNames = map[string]string{
	"csrapprover": "csr-approver-controller", "daemonpodupdater": "daemon-pod-updater-controller",
	"delegatelease": "delegate-lease-controller", "gatewaydns": "gateway-dns-controller",
	"gatewayinternalservice": "gateway-internal-service-controller", "gatewaypickup": "gateway-pickup-controller",
	"gatewaypublicservice": "gateway-public-service-controller", "hubleader": "hubleader-controller",
	"hubleaderconfig": "hubleaderconfig-controller", "hubleaderrbac": "hubleaderrbac-controller",
	"imagepreheat": "image-preheat-controller", "loadbalancerset": "load-balancer-set-controller",
	"nodebucket": "node-bucket-controller", "nodelifecycle": "node-life-cycle-controller",
	"nodepool": "nodepool-controller", "platformadmin": "platform-admin-controller",
	"podbinding": "pod-binding-controller", "servicetopologyendpoints": "service-topology-endpoints-controller",
	"servicetopologyendpointslices": "service-topology-endpointslice-controller",
	"yurtappset":                    "yurt-app-set-controller", "yurtnodeconversion": "yurt-node-conversion-controller",
	"yurtstaticset": "yurt-static-set-controller",
}

func isController(name string) bool {
	for short, long := range shortNames {
		if name == short || name == long {
			return true
		}
	}
	return false
}

func readOptions(args []string) *options {
	o := &options{}
	f := flags.New("yurt-manager", true)
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig; the pod's service account when empty")
	f.StringVar(&o.healthAddress, "health-probe-addr", ":10272", "address of healthz and readyz")
	f.StringVar(&o.webhookPort, "webhook-port", "10273", "port of the webhooks")
	f.StringVar(&o.leaseName, "leader-elect-resource-name", "yurt-manager", "name of the leader Lease")
	f.StringVar(&o.servantImage, "node-servant-image", "openyurt/node-servant:"+release, "image of conversion Jobs")
	f.List(&o.controllers, "controllers", "controllers to run")
	f.List(&o.disabledWebhooks, "disable-independent-webhooks", "node, pod, endpoints, endpointslice, *")
	f.BoolVar(&o.leaderElect, "leader-elect", true, "wait for leadership")
	f.DurationVar(&o.leaseDuration, "leader-elect-lease-duration", 15*time.Second, "life of a leadership")
	f.DurationVar(&o.renewDeadline, "leader-elect-renew-deadline", 10*time.Second, "give up leadership after")
	f.DurationVar(&o.retry, "leader-elect-retry-period", 2*time.Second, "between tries")
	f.Ignore("metrics-addr", "working-namespace", "rest-config-qps", "rest-config-burst", "feature-gates",
		"leader-elect-resource-lock", "leader-elect-resource-namespace")
	f.MustParse(args, 1)
	if f.ShowVersion {
		fmt.Println("yurt-manager: " + release + " (stand-in)")
		os.Exit(0)
	}
	for _, entry := range o.controllers {
		if name := strings.TrimPrefix(entry, "-"); name != "*" && !isController(name) {
			fmt.Fprintf(os.Stderr, "%q is not in the list of known controllers\n", name)
			os.Exit(1)
		}
	}
	logs.SetVerbosity(f.Verbosity)
	return o
}

// enabled follows kube-controller-manager's rule: the first exact entry decides, "*" when there is none.
func (o *options) enabled(name string) bool {
	all := len(o.controllers) == 0
	for _, entry := range o.controllers {
		bare := strings.TrimPrefix(entry, "-")
		if bare == name || shortNames[bare] == name {
			return bare == entry
		}
		all = all || entry == "*"
	}
	return all
}

func (o *options) client() (*kubeapi.Client, error) {
	agent := "yurt-manager/" + release + " (linux/amd64) stand-in"
	if o.kubeconfig != "" {
		return kubeapi.FromKubeconfig(o.kubeconfig, "", agent)
	}
	return kubeapi.InCluster(agent)
}

func contains(list []string, item string) bool {
	for _, entry := range list {
		if entry == item {
			return true
		}
	}
	return false
}
