package dev.millrace.objects;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Signs requests for a store with the SDK's signer, their bodies only where the connection is not
 * encrypted. The path is signed as it is in the URL, and so is what else stands there. Thread-safe.
 */
final class RequestSigner {
    private static final String SERVICE = "s3";

    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
    private final Clock clock;

    /**
     * @param clock of the times in signatures, which the store compares with its own
     */
    RequestSigner(Clock clock) {
        this.clock = clock;
    }

    /**
     * The headers of a signed request, those that were given included.
     *
     * @param headers that are signed
     * @param body where there is one; whether it is signed, too, is up to the signer
     */
    Headers sign(
            SdkHttpMethod method,
            HttpUrl url,
            Map<String, String> headers,
            Optional<byte[]> body,
            String region,
            AwsCredentialsIdentity credentials) {
        SdkHttpRequest.Builder request =
                SdkHttpRequest.builder()
                        .method(method)
                        .protocol(url.scheme())
                        .host(url.host())
                        .port(url.port())
                        .encodedPath(url.encodedPath());
        for (int i = 0; i < url.querySize(); i++) {
            request.putRawQueryParameter(
                    url.queryParameterName(i), String.valueOf(url.queryParameterValue(i)));
        }
        headers.forEach(request::putHeader);
        SignRequest.Builder<AwsCredentialsIdentity> unsigned = SignRequest.builder(credentials);
        body.ifPresent(bytes -> unsigned.payload(ContentStreamProvider.fromByteArrayUnsafe(bytes)));
        SdkHttpRequest signed =
                signer.sign(
                                unsigned.request(request.build())
                                        .putProperty(
                                                AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, SERVICE)
                                        .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                                        .putProperty(AwsV4FamilyHttpSigner.DOUBLE_URL_ENCODE, false)
                                        .putProperty(AwsV4FamilyHttpSigner.NORMALIZE_PATH, false)
                                        .putProperty(
                                                AwsV4FamilyHttpSigner.PAYLOAD_SIGNING_ENABLED,
                                                false)
                                        .putProperty(HttpSigner.SIGNING_CLOCK, clock)
                                        .build())
                        .request();
        Headers.Builder all = new Headers.Builder();
        for (Map.Entry<String, List<String>> header : signed.headers().entrySet()) {
            for (String value : header.getValue()) {
                all.add(header.getKey(), value);
            }
        }
        return all.build();
    }
}
