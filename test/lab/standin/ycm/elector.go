package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"time"

	"yurt-ssh-standin/internal/kubeapi"
	"yurt-ssh-standin/internal/logs"
)

const (
	leasesPath = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
	leasePath  = leasesPath + "/yurt-controller-manager"
	microTime  = "2006-01-02T15:04:05.000000Z07:00"
)

// elector holds the Lease kube-system/yurt-controller-manager. Another holder's Lease is judged by this machine's
// clock: it has run out when it did not change for its duration.
type elector struct {
	client   *kubeapi.Client
	opts     *options
	identity string
	seen     string
	seenAt   time.Time
}

func newElector(client *kubeapi.Client, opts *options) *elector {
	host, _ := os.Hostname()
	suffix := make([]byte, 8)
	rand.Read(suffix)
	impatient := *client
	impatient.HTTP = &http.Client{Transport: client.HTTP.Transport, Timeout: opts.renewDeadline / 2}
	return &elector{client: &impatient, opts: opts, identity: fmt.Sprintf("%s_%x", host, suffix)}
}

// acquire blocks until this process is the leader.
func (e *elector) acquire() {
	if !e.opts.leaderElect {
		return
	}
	for ; ; time.Sleep(e.opts.retry) {
		if err := e.try(time.Now()); err != nil {
			logs.V(2, "not the leader: %v", err)
			continue
		}
		logs.Infof("became the leader as %s", e.identity)
		return
	}
}

// keep renews, and ends the process when that failed for the renew deadline.
func (e *elector) keep() {
	if !e.opts.leaderElect {
		return
	}
	for renewed := time.Now(); ; time.Sleep(e.opts.retry) {
		if err := e.try(time.Now()); err == nil {
			renewed = time.Now()
		} else if time.Since(renewed) > e.opts.renewDeadline {
			logs.Fatalf("lost the leadership: %v", err)
		}
	}
}

func (e *elector) try(now time.Time) error {
	var lease kubeapi.Object
	err := e.client.Get(leasePath, &lease)
	if kubeapi.HasCode(err, http.StatusNotFound) {
		lease = kubeapi.Object{
			"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
			"metadata": kubeapi.Object{"name": "yurt-controller-manager", "namespace": "kube-system"},
		}
		return e.client.Do(http.MethodPost, leasesPath, "", e.claim(lease, now), nil)
	}
	if err != nil {
		return err
	}
	holder, renewed := kubeapi.Text(lease, "spec", "holderIdentity"), kubeapi.Text(lease, "spec", "renewTime")
	if mark := holder + renewed; mark != e.seen {
		e.seen, e.seenAt = mark, now
	}
	if holder != "" && holder != e.identity && now.Before(e.seenAt.Add(e.opts.leaseDuration)) {
		return fmt.Errorf("held by %s", holder)
	}
	return e.client.Do(http.MethodPut, leasePath, "", e.claim(lease, now), nil)
}

// claim returns the lease held and renewed by this process.
func (e *elector) claim(lease kubeapi.Object, now time.Time) kubeapi.Object {
	spec, stamp := kubeapi.Map(lease, "spec"), now.UTC().Format(microTime)
	if spec["holderIdentity"] != e.identity {
		transitions, held := spec["leaseTransitions"].(float64)
		if held || spec["holderIdentity"] != nil {
			transitions++
		}
		spec["leaseTransitions"], spec["acquireTime"] = transitions, stamp
	}
	spec["holderIdentity"], spec["renewTime"] = e.identity, stamp
	spec["leaseDurationSeconds"] = int(e.opts.leaseDuration.Seconds())
	return lease
}
