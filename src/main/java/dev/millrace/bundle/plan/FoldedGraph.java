package dev.millrace.bundle.plan;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import dev.millrace.bundle.BundleException;
import dev.millrace.nativelib.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A graph with its constants folded, by ONNX Runtime: weights that are stored as bytes or halves
 * and scaled by nodes become plain float32 weights, batch normalisation moves into the convolution
 * before it, and every tensor gets its type noted. What remains are standard operators. It is done
 * for TensorRT, which knows no byte constants, and because the choice of precisions must see what
 * is a constant.
 */
final class FoldedGraph {
    /** Before it, initialisers had to be inputs too. */
    private static final int MIN_IR = 4;

    private FoldedGraph() {}

    static ModelProto of(byte[] onnx) {
        try {
            Path folded = Files.createTempFile("millrace-folded-", ".onnx");
            try {
                write(onnx, folded);
                return typed(tidy(ModelProto.parseFrom(Files.readAllBytes(folded))));
            } finally {
                Files.deleteIfExists(folded);
            }
        } catch (OrtException e) {
            throw new BundleException("ONNX Runtime cannot simplify the graph: " + e.getMessage());
        } catch (IOException e) {
            throw new BundleException(
                    "the folded graph cannot be written to %s (%s); free space there, or name another folder with JAVA_OPTS=-Djava.io.tmpdir=FOLDER"
                            .formatted(System.getProperty("java.io.tmpdir"), e));
        }
    }

    private static void write(byte[] onnx, Path folded) throws OrtException {
        // The level above it brings operators that only ONNX Runtime has.
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.BASIC_OPT)) {
            options.setOptimizedModelFilePath(folded.toString());
            OnnxRuntime.environment().createSession(onnx, options).close();
        }
    }

    private static ModelProto tidy(ModelProto model) {
        GraphProto graph = model.getGraph();
        Set<String> constants =
                graph.getInitializerList().stream()
                        .map(TensorProto::getName)
                        .collect(Collectors.toSet());
        Set<String> domains = domains(graph, new HashSet<>());
        ModelProto.Builder tidy = model.toBuilder();
        tidy.setIrVersion(Math.max(MIN_IR, model.getIrVersion()));
        // ONNX Runtime lists every domain that it knows.
        tidy.clearOpsetImport()
                .addAllOpsetImport(
                        model.getOpsetImportList().stream()
                                .filter(
                                        set ->
                                                set.getDomain().isEmpty()
                                                        || domains.contains(set.getDomain()))
                                .toList());
        tidy.getGraphBuilder()
                .clearInput()
                .addAllInput(
                        graph.getInputList().stream()
                                .filter(input -> !constants.contains(input.getName()))
                                .toList());
        return tidy.build();
    }

    /** Notes which tensors are floats, as ONNX Runtime infers it when they are outputs. */
    private static ModelProto typed(ModelProto model) throws OrtException {
        Set<String> outputs =
                model.getGraph().getOutputList().stream()
                        .map(ValueInfoProto::getName)
                        .collect(Collectors.toSet());
        ModelProto.Builder open = model.toBuilder();
        model.getGraph().getNodeList().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(name -> !name.isEmpty() && outputs.add(name))
                .forEach(name -> open.getGraphBuilder().addOutputBuilder().setName(name));
        ModelProto.Builder typed = model.toBuilder();
        typed.getGraphBuilder().clearValueInfo();
        try (OrtSession.SessionOptions options = OnnxRuntime.options(OptLevel.NO_OPT)) {
            byte[] bytes = open.build().toByteArray();
            try (OrtSession session = OnnxRuntime.environment().createSession(bytes, options)) {
                session.getOutputInfo().values().stream()
                        .filter(info -> info.getInfo() instanceof TensorInfo)
                        .forEach(info -> note(info, typed.getGraphBuilder()));
            }
        }
        return typed.build();
    }

    private static void note(NodeInfo tensor, GraphProto.Builder graph) {
        DataType type =
                switch (((TensorInfo) tensor.getInfo()).onnxType) {
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FLOAT;
                    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FLOAT16;
                    // The others play no part in the choice of precisions.
                    default -> DataType.UNDEFINED;
                };
        if (type != DataType.UNDEFINED) {
            graph.addValueInfoBuilder()
                    .setName(tensor.getName())
                    .getTypeBuilder()
                    .getTensorTypeBuilder()
                    .setElemType(type.getNumber());
        }
    }

    private static Set<String> domains(GraphProto graph, Set<String> domains) {
        for (NodeProto node : graph.getNodeList()) {
            domains.add(node.getDomain());
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasG()) {
                    domains(attribute.getG(), domains);
                }
            }
        }
        return domains;
    }
}
