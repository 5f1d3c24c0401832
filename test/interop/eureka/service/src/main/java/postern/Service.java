package postern;

import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;

/** A service that tells who it is, whom it knows of, and what another service answers it. */
@SpringBootApplication
@RestController
public class Service {
  private final Registration self;
  private final DiscoveryClient discovery;
  private final RestTemplate services;

  public Service(Registration self, DiscoveryClient discovery, RestTemplate services) {
    this.self = self;
    this.discovery = discovery;
    this.services = services;
  }

  public static void main(String[] args) {
    SpringApplication.run(Service.class, args);
  }

  @GetMapping("/stock")
  public Map<String, String> stock() {
    return Map.of("instance", self.getInstanceId());
  }

  @PostMapping("/stock")
  public Map<String, Object> order(@RequestBody Map<String, Object> order) {
    return Map.of("instance", self.getInstanceId(), "order", order);
  }

  /** Slow enough that a shutdown finds it under way. */
  @GetMapping("/stock/count")
  public Map<String, String> count() throws InterruptedException {
    Thread.sleep(500);
    return stock();
  }

  @GetMapping("/stock/known")
  public List<String> known() {
    return discovery.getServices();
  }

  @GetMapping("/stock/known/{service}")
  public List<Map<String, Object>> known(@PathVariable String service) {
    return discovery.getInstances(service).stream()
        .map(found -> Map.of("instance", found.getInstanceId(), "uri", found.getUri(), "metadata", found.getMetadata()))
        .toList();
  }

  /** What another service answers, called by its name. */
  @GetMapping("/stock/asks/{service}")
  public String asks(@PathVariable String service) {
    return services.getForObject("http://" + service + "/", String.class);
  }

  /** Apart, for the service is made of it. */
  @Configuration
  static class Client {
    @Bean
    @LoadBalanced
    RestTemplate services() {
      return new RestTemplate();
    }
  }
}
