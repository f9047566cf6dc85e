// SPDX-FileCopyrightText: Copyright (c) 1993-2025 NVIDIA CORPORATION & AFFILIATES. All rights reserved.
// SPDX-License-Identifier: Apache-2.0
//
// Interfaces of TensorRT 10.15.1 and of its ONNX parser, cut down from NVIDIA's headers by interfaces.py
// beside this file, whose first lines say how to make it anew. Not to be edited by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#define NV_TENSORRT_MAJOR 10
#define NV_TENSORRT_MINOR 15
#define NV_TENSORRT_PATCH 1
#define NV_TENSORRT_BUILD 29

struct CUstream_st;
using cudaStream_t = CUstream_st*;

[[noreturn]] inline void unexpected(char const* function) {
    std::fprintf(stderr, "unexpected: %s\n", function);
    std::abort();
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

namespace nvinfer1 {

using NetworkDefinitionCreationFlags = uint32_t;

struct Dims {
    int32_t nbDims;
    int64_t d[8];
};

enum class DataType : int32_t { kFLOAT = 0, kHALF = 1, kINT8 = 2, kINT32 = 3, kBOOL = 4, kUINT8 = 5, kFP8 = 6, kBF16 = 7, kINT64 = 8, kINT4 = 9, kFP4 = 10, kE8M0 = 11 };
enum class TensorIOMode : int32_t { kNONE = 0, kINPUT = 1, kOUTPUT = 2 };
enum class OptProfileSelector : int32_t { kMIN = 0, kOPT = 1, kMAX = 2 };
enum class LayerInformationFormat : int32_t { kONELINE = 0, kJSON = 1 };
enum class ExecutionContextAllocationStrategy : int32_t { kSTATIC = 0, kON_PROFILE_CHANGE = 1, kUSER_MANAGED = 2 };
enum class MemoryPoolType : int32_t { kWORKSPACE = 0, kDLA_MANAGED_SRAM = 1, kDLA_LOCAL_DRAM = 2, kDLA_GLOBAL_DRAM = 3, kTACTIC_DRAM = 4, kTACTIC_SHARED_MEMORY = 5 };
enum class ProfilingVerbosity : int32_t { kLAYER_NAMES_ONLY = 0, kNONE = 1, kDETAILED = 2 };
enum class NetworkDefinitionCreationFlag : int32_t { kEXPLICIT_BATCH = 0, kSTRONGLY_TYPED = 1, kPREFER_JIT_PYTHON_PLUGINS = 2, kPREFER_AOT_PYTHON_PLUGINS = 3 };
enum class EngineStat : int32_t { kTOTAL_WEIGHTS_SIZE = 0, kSTRIPPED_WEIGHTS_SIZE = 1 };

class ILogger {
public:
    enum class Severity : int32_t { kINTERNAL_ERROR = 0, kERROR = 1, kWARNING = 2, kINFO = 3, kVERBOSE = 4 };
    virtual void log(Severity severity, char const* message) noexcept = 0;
    virtual ~ILogger() = default;
};

class INoCopy {
protected:
    virtual ~INoCopy() = default;
};

class VHostMemory;
class IHostMemory;
class VRuntime;
class IRuntime;
class VOptimizationProfile;
class IOptimizationProfile;
class VCudaEngine;
class ICudaEngine;
class VExecutionContext;
class IExecutionContext;
class VEngineInspector;
class IEngineInspector;
class VTensor;
class ITensor;
class VNetworkDefinition;
class INetworkDefinition;
class VBuilderConfig;
class IBuilderConfig;
class VTimingCache;
class ITimingCache;
class VBuilder;
class IBuilder;

class VRoot {
public:
    virtual ~VRoot() noexcept = default;
};

class VHostMemory : public VRoot {
public:
    virtual void* data() const noexcept { unexpected("VHostMemory::data"); }
    virtual std::size_t size() const noexcept { unexpected("VHostMemory::size"); }
    virtual void type() { unexpected("VHostMemory::type"); }
};

class VRuntime : public VRoot {
public:
    virtual IRuntime* getPImpl() noexcept { unexpected("VRuntime::getPImpl"); }
    virtual ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept { unexpected("VRuntime::deserializeCudaEngine"); }
    virtual void deserializeCudaEngine_2() { unexpected("VRuntime::deserializeCudaEngine_2"); }
    virtual void setDLACore() { unexpected("VRuntime::setDLACore"); }
    virtual void getDLACore() { unexpected("VRuntime::getDLACore"); }
    virtual void getNbDLACores() { unexpected("VRuntime::getNbDLACores"); }
    virtual void setGpuAllocator() { unexpected("VRuntime::setGpuAllocator"); }
    virtual void setErrorRecorder() { unexpected("VRuntime::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VRuntime::getErrorRecorder"); }
    virtual void getLogger() { unexpected("VRuntime::getLogger"); }
    virtual void setMaxThreads() { unexpected("VRuntime::setMaxThreads"); }
    virtual void getMaxThreads() { unexpected("VRuntime::getMaxThreads"); }
    virtual void setTemporaryDirectory() { unexpected("VRuntime::setTemporaryDirectory"); }
    virtual void getTemporaryDirectory() { unexpected("VRuntime::getTemporaryDirectory"); }
    virtual void setTempfileControlFlags() { unexpected("VRuntime::setTempfileControlFlags"); }
    virtual void getTempfileControlFlags() { unexpected("VRuntime::getTempfileControlFlags"); }
    virtual void getPluginRegistry() { unexpected("VRuntime::getPluginRegistry"); }
    virtual void setPluginRegistryParent() { unexpected("VRuntime::setPluginRegistryParent"); }
    virtual void loadRuntime() { unexpected("VRuntime::loadRuntime"); }
    virtual void setEngineHostCodeAllowed() { unexpected("VRuntime::setEngineHostCodeAllowed"); }
    virtual void getEngineHostCodeAllowed() { unexpected("VRuntime::getEngineHostCodeAllowed"); }
    virtual void deserializeCudaEngineV2() { unexpected("VRuntime::deserializeCudaEngineV2"); }
};

class VOptimizationProfile : public VRoot {
public:
    virtual bool setDimensions(char const* inputName, OptProfileSelector select, Dims const& dims) noexcept { unexpected("VOptimizationProfile::setDimensions"); }
    virtual void getDimensions() { unexpected("VOptimizationProfile::getDimensions"); }
    virtual void setShapeValues() { unexpected("VOptimizationProfile::setShapeValues"); }
    virtual void getNbShapeValues() { unexpected("VOptimizationProfile::getNbShapeValues"); }
    virtual void getShapeValues() { unexpected("VOptimizationProfile::getShapeValues"); }
    virtual void setExtraMemoryTarget() { unexpected("VOptimizationProfile::setExtraMemoryTarget"); }
    virtual void getExtraMemoryTarget() { unexpected("VOptimizationProfile::getExtraMemoryTarget"); }
    virtual void isValid() { unexpected("VOptimizationProfile::isValid"); }
    virtual void setShapeValuesV2() { unexpected("VOptimizationProfile::setShapeValuesV2"); }
    virtual void getShapeValuesV2() { unexpected("VOptimizationProfile::getShapeValuesV2"); }
};

class VCudaEngine : public VRoot {
public:
    virtual ICudaEngine* getPImpl() noexcept { unexpected("VCudaEngine::getPImpl"); }
    virtual void getNbLayers() { unexpected("VCudaEngine::getNbLayers"); }
    virtual void serialize() { unexpected("VCudaEngine::serialize"); }
    virtual IExecutionContext* createExecutionContext(ExecutionContextAllocationStrategy strategy) noexcept { unexpected("VCudaEngine::createExecutionContext"); }
    virtual void createExecutionContextWithoutDeviceMemory() { unexpected("VCudaEngine::createExecutionContextWithoutDeviceMemory"); }
    virtual void getDeviceMemorySize() { unexpected("VCudaEngine::getDeviceMemorySize"); }
    virtual void isRefittable() { unexpected("VCudaEngine::isRefittable"); }
    virtual void getName() { unexpected("VCudaEngine::getName"); }
    virtual int32_t getNbOptimizationProfiles() const noexcept { unexpected("VCudaEngine::getNbOptimizationProfiles"); }
    virtual void getProfileTensorValues() { unexpected("VCudaEngine::getProfileTensorValues"); }
    virtual void getEngineCapability() { unexpected("VCudaEngine::getEngineCapability"); }
    virtual void setErrorRecorder() { unexpected("VCudaEngine::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VCudaEngine::getErrorRecorder"); }
    virtual void hasImplicitBatchDimension() { unexpected("VCudaEngine::hasImplicitBatchDimension"); }
    virtual void getTacticSources() { unexpected("VCudaEngine::getTacticSources"); }
    virtual void getProfilingVerbosity() { unexpected("VCudaEngine::getProfilingVerbosity"); }
    virtual IEngineInspector* createEngineInspector() const noexcept { unexpected("VCudaEngine::createEngineInspector"); }
    virtual Dims getTensorShape(char const* tensorName) const noexcept { unexpected("VCudaEngine::getTensorShape"); }
    virtual DataType getTensorDataType(char const* tensorName) const noexcept { unexpected("VCudaEngine::getTensorDataType"); }
    virtual void getTensorLocation() { unexpected("VCudaEngine::getTensorLocation"); }
    virtual void isShapeInferenceIO() { unexpected("VCudaEngine::isShapeInferenceIO"); }
    virtual TensorIOMode getTensorIOMode(char const* tensorName) const noexcept { unexpected("VCudaEngine::getTensorIOMode"); }
    virtual void getTensorBytesPerComponent() { unexpected("VCudaEngine::getTensorBytesPerComponent"); }
    virtual void getTensorComponentsPerElement() { unexpected("VCudaEngine::getTensorComponentsPerElement"); }
    virtual void getTensorFormat() { unexpected("VCudaEngine::getTensorFormat"); }
    virtual void getTensorFormatDesc() { unexpected("VCudaEngine::getTensorFormatDesc"); }
    virtual void getTensorVectorizedDim() { unexpected("VCudaEngine::getTensorVectorizedDim"); }
    virtual Dims getProfileShape(char const* tensorName, int32_t profileIndex, OptProfileSelector select) const noexcept { unexpected("VCudaEngine::getProfileShape"); }
    virtual int32_t getNbIOTensors() const noexcept { unexpected("VCudaEngine::getNbIOTensors"); }
    virtual char const* getIOTensorName(int32_t index) const noexcept { unexpected("VCudaEngine::getIOTensorName"); }
    virtual void getHardwareCompatibilityLevel() { unexpected("VCudaEngine::getHardwareCompatibilityLevel"); }
    virtual void getNbAuxStreams() { unexpected("VCudaEngine::getNbAuxStreams"); }
    virtual void getTensorBytesPerComponentV2() { unexpected("VCudaEngine::getTensorBytesPerComponentV2"); }
    virtual void getTensorComponentsPerElementV2() { unexpected("VCudaEngine::getTensorComponentsPerElementV2"); }
    virtual void getTensorFormatV2() { unexpected("VCudaEngine::getTensorFormatV2"); }
    virtual void getTensorFormatDescV2() { unexpected("VCudaEngine::getTensorFormatDescV2"); }
    virtual void getTensorVectorizedDimV2() { unexpected("VCudaEngine::getTensorVectorizedDimV2"); }
    virtual void createSerializationConfig() { unexpected("VCudaEngine::createSerializationConfig"); }
    virtual void serializeWithConfig() { unexpected("VCudaEngine::serializeWithConfig"); }
    virtual void getDeviceMemorySizeForProfile() { unexpected("VCudaEngine::getDeviceMemorySizeForProfile"); }
    virtual void createRefitter() { unexpected("VCudaEngine::createRefitter"); }
    virtual void setWeightStreamingBudget() { unexpected("VCudaEngine::setWeightStreamingBudget"); }
    virtual void getWeightStreamingBudget() { unexpected("VCudaEngine::getWeightStreamingBudget"); }
    virtual void getMinimumWeightStreamingBudget() { unexpected("VCudaEngine::getMinimumWeightStreamingBudget"); }
    virtual void getStreamableWeightsSize() { unexpected("VCudaEngine::getStreamableWeightsSize"); }
    virtual void isDebugTensor() { unexpected("VCudaEngine::isDebugTensor"); }
    virtual void setWeightStreamingBudgetV2() { unexpected("VCudaEngine::setWeightStreamingBudgetV2"); }
    virtual void getWeightStreamingBudgetV2() { unexpected("VCudaEngine::getWeightStreamingBudgetV2"); }
    virtual void getWeightStreamingAutomaticBudget() { unexpected("VCudaEngine::getWeightStreamingAutomaticBudget"); }
    virtual void getWeightStreamingScratchMemorySize() { unexpected("VCudaEngine::getWeightStreamingScratchMemorySize"); }
    virtual int64_t getDeviceMemorySizeV2() const noexcept { unexpected("VCudaEngine::getDeviceMemorySizeV2"); }
    virtual void getDeviceMemorySizeForProfileV2() { unexpected("VCudaEngine::getDeviceMemorySizeForProfileV2"); }
    virtual void getProfileTensorValuesV2() { unexpected("VCudaEngine::getProfileTensorValuesV2"); }
    virtual void createExecutionContextWithRuntimeConfig() { unexpected("VCudaEngine::createExecutionContextWithRuntimeConfig"); }
    virtual void createRuntimeConfig() { unexpected("VCudaEngine::createRuntimeConfig"); }
    virtual int64_t getEngineStat(EngineStat stat) const noexcept { unexpected("VCudaEngine::getEngineStat"); }
    virtual void getAliasedInputTensor() { unexpected("VCudaEngine::getAliasedInputTensor"); }
};

class VExecutionContext : public VRoot {
public:
    virtual IExecutionContext* getPImpl() noexcept { unexpected("VExecutionContext::getPImpl"); }
    virtual void setDebugSync() { unexpected("VExecutionContext::setDebugSync"); }
    virtual void getDebugSync() { unexpected("VExecutionContext::getDebugSync"); }
    virtual void setProfiler() { unexpected("VExecutionContext::setProfiler"); }
    virtual void getProfiler() { unexpected("VExecutionContext::getProfiler"); }
    virtual void getEngine() { unexpected("VExecutionContext::getEngine"); }
    virtual void setName() { unexpected("VExecutionContext::setName"); }
    virtual void getName() { unexpected("VExecutionContext::getName"); }
    virtual void setDeviceMemory() { unexpected("VExecutionContext::setDeviceMemory"); }
    virtual void getOptimizationProfile() { unexpected("VExecutionContext::getOptimizationProfile"); }
    virtual void allInputDimensionsSpecified() { unexpected("VExecutionContext::allInputDimensionsSpecified"); }
    virtual void allInputShapesSpecified() { unexpected("VExecutionContext::allInputShapesSpecified"); }
    virtual void setErrorRecorder() { unexpected("VExecutionContext::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VExecutionContext::getErrorRecorder"); }
    virtual void executeV2() { unexpected("VExecutionContext::executeV2"); }
    virtual void setOptimizationProfileAsync() { unexpected("VExecutionContext::setOptimizationProfileAsync"); }
    virtual void setEnqueueEmitsProfile() { unexpected("VExecutionContext::setEnqueueEmitsProfile"); }
    virtual void getEnqueueEmitsProfile() { unexpected("VExecutionContext::getEnqueueEmitsProfile"); }
    virtual void reportToProfiler() { unexpected("VExecutionContext::reportToProfiler"); }
    virtual bool setInputShape(char const* tensorName, Dims const& dims) noexcept { unexpected("VExecutionContext::setInputShape"); }
    virtual void getTensorShape() { unexpected("VExecutionContext::getTensorShape"); }
    virtual void getTensorStrides() { unexpected("VExecutionContext::getTensorStrides"); }
    virtual bool setTensorAddress(char const* tensorName, void* data) noexcept { unexpected("VExecutionContext::setTensorAddress"); }
    virtual void getTensorAddress() { unexpected("VExecutionContext::getTensorAddress"); }
    virtual void setInputTensorAddress() { unexpected("VExecutionContext::setInputTensorAddress"); }
    virtual void setOutputTensorAddress() { unexpected("VExecutionContext::setOutputTensorAddress"); }
    virtual void inferShapes() { unexpected("VExecutionContext::inferShapes"); }
    virtual void setInputConsumedEvent() { unexpected("VExecutionContext::setInputConsumedEvent"); }
    virtual void getInputConsumedEvent() { unexpected("VExecutionContext::getInputConsumedEvent"); }
    virtual void getOutputTensorAddress() { unexpected("VExecutionContext::getOutputTensorAddress"); }
    virtual void setOutputAllocator() { unexpected("VExecutionContext::setOutputAllocator"); }
    virtual void getOutputAllocator() { unexpected("VExecutionContext::getOutputAllocator"); }
    virtual void getMaxOutputSize() { unexpected("VExecutionContext::getMaxOutputSize"); }
    virtual void setTemporaryStorageAllocator() { unexpected("VExecutionContext::setTemporaryStorageAllocator"); }
    virtual void getTemporaryStorageAllocator() { unexpected("VExecutionContext::getTemporaryStorageAllocator"); }
    virtual bool enqueueV3(cudaStream_t stream) noexcept { unexpected("VExecutionContext::enqueueV3"); }
    virtual void setPersistentCacheLimit() { unexpected("VExecutionContext::setPersistentCacheLimit"); }
    virtual void getPersistentCacheLimit() { unexpected("VExecutionContext::getPersistentCacheLimit"); }
    virtual void setNvtxVerbosity() { unexpected("VExecutionContext::setNvtxVerbosity"); }
    virtual void getNvtxVerbosity() { unexpected("VExecutionContext::getNvtxVerbosity"); }
    virtual void setAuxStreams() { unexpected("VExecutionContext::setAuxStreams"); }
    virtual void setDebugListener() { unexpected("VExecutionContext::setDebugListener"); }
    virtual void getDebugListener() { unexpected("VExecutionContext::getDebugListener"); }
    virtual void setTensorDebugState() { unexpected("VExecutionContext::setTensorDebugState"); }
    virtual void getDebugState() { unexpected("VExecutionContext::getDebugState"); }
    virtual void setAllTensorsDebugState() { unexpected("VExecutionContext::setAllTensorsDebugState"); }
    virtual void updateDeviceMemorySizeForShapes() { unexpected("VExecutionContext::updateDeviceMemorySizeForShapes"); }
    virtual void setDeviceMemoryV2(void* memory, int64_t size) noexcept { unexpected("VExecutionContext::setDeviceMemoryV2"); }
    virtual void getRuntimeConfig() { unexpected("VExecutionContext::getRuntimeConfig"); }
    virtual void setUnfusedTensorsDebugState() { unexpected("VExecutionContext::setUnfusedTensorsDebugState"); }
    virtual void getUnfusedTensorsDebugState() { unexpected("VExecutionContext::getUnfusedTensorsDebugState"); }
};

class VEngineInspector : public VRoot {
public:
    virtual IEngineInspector* getPImpl() noexcept { unexpected("VEngineInspector::getPImpl"); }
    virtual void setExecutionContext() { unexpected("VEngineInspector::setExecutionContext"); }
    virtual void getExecutionContext() { unexpected("VEngineInspector::getExecutionContext"); }
    virtual void getLayerInformation() { unexpected("VEngineInspector::getLayerInformation"); }
    virtual char const* getEngineInformation(LayerInformationFormat format) const noexcept { unexpected("VEngineInspector::getEngineInformation"); }
    virtual void setErrorRecorder() { unexpected("VEngineInspector::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VEngineInspector::getErrorRecorder"); }
};

class VTensor : public VRoot {
public:
    virtual void setName() { unexpected("VTensor::setName"); }
    virtual char const* getName() const noexcept { unexpected("VTensor::getName"); }
    virtual void setDimensions() { unexpected("VTensor::setDimensions"); }
    virtual Dims getDimensions() const noexcept { unexpected("VTensor::getDimensions"); }
    virtual void setType() { unexpected("VTensor::setType"); }
    virtual void getType() { unexpected("VTensor::getType"); }
    virtual void setDynamicRange() { unexpected("VTensor::setDynamicRange"); }
    virtual void isNetworkInput() { unexpected("VTensor::isNetworkInput"); }
    virtual void isNetworkOutput() { unexpected("VTensor::isNetworkOutput"); }
    virtual void setBroadcastAcrossBatch() { unexpected("VTensor::setBroadcastAcrossBatch"); }
    virtual void getBroadcastAcrossBatch() { unexpected("VTensor::getBroadcastAcrossBatch"); }
    virtual void getLocation() { unexpected("VTensor::getLocation"); }
    virtual void setLocation() { unexpected("VTensor::setLocation"); }
    virtual void dynamicRangeIsSet() { unexpected("VTensor::dynamicRangeIsSet"); }
    virtual void resetDynamicRange() { unexpected("VTensor::resetDynamicRange"); }
    virtual void getDynamicRangeMin() { unexpected("VTensor::getDynamicRangeMin"); }
    virtual void getDynamicRangeMax() { unexpected("VTensor::getDynamicRangeMax"); }
    virtual void setAllowedFormats() { unexpected("VTensor::setAllowedFormats"); }
    virtual void getAllowedFormats() { unexpected("VTensor::getAllowedFormats"); }
    virtual void isShapeTensor() { unexpected("VTensor::isShapeTensor"); }
    virtual void isExecutionTensor() { unexpected("VTensor::isExecutionTensor"); }
    virtual void setDimensionName() { unexpected("VTensor::setDimensionName"); }
    virtual void getDimensionName() { unexpected("VTensor::getDimensionName"); }
};

class VNetworkDefinition : public VRoot {
public:
    virtual void addInput() { unexpected("VNetworkDefinition::addInput"); }
    virtual void markOutput() { unexpected("VNetworkDefinition::markOutput"); }
    virtual void addActivation() { unexpected("VNetworkDefinition::addActivation"); }
    virtual void addLRN() { unexpected("VNetworkDefinition::addLRN"); }
    virtual void addScale() { unexpected("VNetworkDefinition::addScale"); }
    virtual void addSoftMax() { unexpected("VNetworkDefinition::addSoftMax"); }
    virtual void addConcatenation() { unexpected("VNetworkDefinition::addConcatenation"); }
    virtual void addElementWise() { unexpected("VNetworkDefinition::addElementWise"); }
    virtual void addUnary() { unexpected("VNetworkDefinition::addUnary"); }
    virtual void addShuffle() { unexpected("VNetworkDefinition::addShuffle"); }
    virtual void getNbLayers() { unexpected("VNetworkDefinition::getNbLayers"); }
    virtual void getLayer() { unexpected("VNetworkDefinition::getLayer"); }
    virtual int32_t getNbInputs() const noexcept { unexpected("VNetworkDefinition::getNbInputs"); }
    virtual ITensor* getInput(int32_t index) const noexcept { unexpected("VNetworkDefinition::getInput"); }
    virtual void getNbOutputs() { unexpected("VNetworkDefinition::getNbOutputs"); }
    virtual void getOutput() { unexpected("VNetworkDefinition::getOutput"); }
    virtual void addReduce() { unexpected("VNetworkDefinition::addReduce"); }
    virtual void addTopK() { unexpected("VNetworkDefinition::addTopK"); }
    virtual void addGather() { unexpected("VNetworkDefinition::addGather"); }
    virtual void addRaggedSoftMax() { unexpected("VNetworkDefinition::addRaggedSoftMax"); }
    virtual void addMatrixMultiply() { unexpected("VNetworkDefinition::addMatrixMultiply"); }
    virtual void addConstant() { unexpected("VNetworkDefinition::addConstant"); }
    virtual void addIdentity() { unexpected("VNetworkDefinition::addIdentity"); }
    virtual void removeTensor() { unexpected("VNetworkDefinition::removeTensor"); }
    virtual void unmarkOutput() { unexpected("VNetworkDefinition::unmarkOutput"); }
    virtual void addPluginV2() { unexpected("VNetworkDefinition::addPluginV2"); }
    virtual void addPluginV3() { unexpected("VNetworkDefinition::addPluginV3"); }
    virtual void addSlice() { unexpected("VNetworkDefinition::addSlice"); }
    virtual void setName() { unexpected("VNetworkDefinition::setName"); }
    virtual void getName() { unexpected("VNetworkDefinition::getName"); }
    virtual void addShape() { unexpected("VNetworkDefinition::addShape"); }
    virtual void hasImplicitBatchDimension() { unexpected("VNetworkDefinition::hasImplicitBatchDimension"); }
    virtual void markOutputForShapes() { unexpected("VNetworkDefinition::markOutputForShapes"); }
    virtual void unmarkOutputForShapes() { unexpected("VNetworkDefinition::unmarkOutputForShapes"); }
    virtual void addParametricReLU() { unexpected("VNetworkDefinition::addParametricReLU"); }
    virtual void addConvolutionNd() { unexpected("VNetworkDefinition::addConvolutionNd"); }
    virtual void addPoolingNd() { unexpected("VNetworkDefinition::addPoolingNd"); }
    virtual void addDeconvolutionNd() { unexpected("VNetworkDefinition::addDeconvolutionNd"); }
    virtual void addScaleNd() { unexpected("VNetworkDefinition::addScaleNd"); }
    virtual void addResize() { unexpected("VNetworkDefinition::addResize"); }
    virtual void addLoop() { unexpected("VNetworkDefinition::addLoop"); }
    virtual void addSelect() { unexpected("VNetworkDefinition::addSelect"); }
    virtual void addFill() { unexpected("VNetworkDefinition::addFill"); }
    virtual void addPaddingNd() { unexpected("VNetworkDefinition::addPaddingNd"); }
    virtual void setWeightsName() { unexpected("VNetworkDefinition::setWeightsName"); }
    virtual void setErrorRecorder() { unexpected("VNetworkDefinition::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VNetworkDefinition::getErrorRecorder"); }
    virtual void addDequantize() { unexpected("VNetworkDefinition::addDequantize"); }
    virtual void addQuantize() { unexpected("VNetworkDefinition::addQuantize"); }
    virtual void addGatherV2() { unexpected("VNetworkDefinition::addGatherV2"); }
    virtual void addIfConditional() { unexpected("VNetworkDefinition::addIfConditional"); }
    virtual void addScatter() { unexpected("VNetworkDefinition::addScatter"); }
    virtual void addEinsum() { unexpected("VNetworkDefinition::addEinsum"); }
    virtual void addAssertion() { unexpected("VNetworkDefinition::addAssertion"); }
    virtual void addOneHot() { unexpected("VNetworkDefinition::addOneHot"); }
    virtual void addNonZero() { unexpected("VNetworkDefinition::addNonZero"); }
    virtual void addGridSample() { unexpected("VNetworkDefinition::addGridSample"); }
    virtual void addNMS() { unexpected("VNetworkDefinition::addNMS"); }
    virtual void addReverseSequence() { unexpected("VNetworkDefinition::addReverseSequence"); }
    virtual void addNormalization() { unexpected("VNetworkDefinition::addNormalization"); }
    virtual void addCast() { unexpected("VNetworkDefinition::addCast"); }
    virtual void getBuilder() { unexpected("VNetworkDefinition::getBuilder"); }
    virtual void getFlags() { unexpected("VNetworkDefinition::getFlags"); }
    virtual void getFlag() { unexpected("VNetworkDefinition::getFlag"); }
    virtual void addQuantizeV2() { unexpected("VNetworkDefinition::addQuantizeV2"); }
    virtual void addDequantizeV2() { unexpected("VNetworkDefinition::addDequantizeV2"); }
    virtual void addFillV2() { unexpected("VNetworkDefinition::addFillV2"); }
    virtual void markDebug() { unexpected("VNetworkDefinition::markDebug"); }
    virtual void unmarkDebug() { unexpected("VNetworkDefinition::unmarkDebug"); }
    virtual void isDebugTensor() { unexpected("VNetworkDefinition::isDebugTensor"); }
    virtual void markWeightsRefittable() { unexpected("VNetworkDefinition::markWeightsRefittable"); }
    virtual void unmarkWeightsRefittable() { unexpected("VNetworkDefinition::unmarkWeightsRefittable"); }
    virtual void areWeightsMarkedRefittable() { unexpected("VNetworkDefinition::areWeightsMarkedRefittable"); }
    virtual void addSqueeze() { unexpected("VNetworkDefinition::addSqueeze"); }
    virtual void addUnsqueeze() { unexpected("VNetworkDefinition::addUnsqueeze"); }
    virtual void addDynamicQuantize() { unexpected("VNetworkDefinition::addDynamicQuantize"); }
    virtual void addCumulative() { unexpected("VNetworkDefinition::addCumulative"); }
    virtual void markUnfusedTensorsAsDebugTensors() { unexpected("VNetworkDefinition::markUnfusedTensorsAsDebugTensors"); }
    virtual void unmarkUnfusedTensorsAsDebugTensors() { unexpected("VNetworkDefinition::unmarkUnfusedTensorsAsDebugTensors"); }
    virtual void addTopKV2() { unexpected("VNetworkDefinition::addTopKV2"); }
    virtual void addNonZeroV2() { unexpected("VNetworkDefinition::addNonZeroV2"); }
    virtual void addNMSV2() { unexpected("VNetworkDefinition::addNMSV2"); }
    virtual void addAttention() { unexpected("VNetworkDefinition::addAttention"); }
    virtual void addRotaryEmbedding() { unexpected("VNetworkDefinition::addRotaryEmbedding"); }
    virtual void addDynamicQuantizeV2() { unexpected("VNetworkDefinition::addDynamicQuantizeV2"); }
    virtual void addKVCacheUpdate() { unexpected("VNetworkDefinition::addKVCacheUpdate"); }
    virtual void addNormalizationV2() { unexpected("VNetworkDefinition::addNormalizationV2"); }
};

class VBuilderConfig : public VRoot {
public:
    virtual void setAvgTimingIterations() { unexpected("VBuilderConfig::setAvgTimingIterations"); }
    virtual void getAvgTimingIterations() { unexpected("VBuilderConfig::getAvgTimingIterations"); }
    virtual void setEngineCapability() { unexpected("VBuilderConfig::setEngineCapability"); }
    virtual void getEngineCapability() { unexpected("VBuilderConfig::getEngineCapability"); }
    virtual void setInt8Calibrator() { unexpected("VBuilderConfig::setInt8Calibrator"); }
    virtual void getInt8Calibrator() { unexpected("VBuilderConfig::getInt8Calibrator"); }
    virtual void setFlags() { unexpected("VBuilderConfig::setFlags"); }
    virtual void getFlags() { unexpected("VBuilderConfig::getFlags"); }
    virtual void clearFlag() { unexpected("VBuilderConfig::clearFlag"); }
    virtual void setFlag() { unexpected("VBuilderConfig::setFlag"); }
    virtual void getFlag() { unexpected("VBuilderConfig::getFlag"); }
    virtual void setDeviceType() { unexpected("VBuilderConfig::setDeviceType"); }
    virtual void getDeviceType() { unexpected("VBuilderConfig::getDeviceType"); }
    virtual void isDeviceTypeSet() { unexpected("VBuilderConfig::isDeviceTypeSet"); }
    virtual void resetDeviceType() { unexpected("VBuilderConfig::resetDeviceType"); }
    virtual void canRunOnDLA() { unexpected("VBuilderConfig::canRunOnDLA"); }
    virtual void setDLACore() { unexpected("VBuilderConfig::setDLACore"); }
    virtual void getDLACore() { unexpected("VBuilderConfig::getDLACore"); }
    virtual void setDefaultDeviceType() { unexpected("VBuilderConfig::setDefaultDeviceType"); }
    virtual void getDefaultDeviceType() { unexpected("VBuilderConfig::getDefaultDeviceType"); }
    virtual void reset() { unexpected("VBuilderConfig::reset"); }
    virtual void setProfileStream() { unexpected("VBuilderConfig::setProfileStream"); }
    virtual void getProfileStream() { unexpected("VBuilderConfig::getProfileStream"); }
    virtual int32_t addOptimizationProfile(IOptimizationProfile const* profile) noexcept { unexpected("VBuilderConfig::addOptimizationProfile"); }
    virtual void getNbOptimizationProfiles() { unexpected("VBuilderConfig::getNbOptimizationProfiles"); }
    virtual void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept { unexpected("VBuilderConfig::setProfilingVerbosity"); }
    virtual void getProfilingVerbosity() { unexpected("VBuilderConfig::getProfilingVerbosity"); }
    virtual void setAlgorithmSelector() { unexpected("VBuilderConfig::setAlgorithmSelector"); }
    virtual void getAlgorithmSelector() { unexpected("VBuilderConfig::getAlgorithmSelector"); }
    virtual void setCalibrationProfile() { unexpected("VBuilderConfig::setCalibrationProfile"); }
    virtual void getCalibrationProfile() { unexpected("VBuilderConfig::getCalibrationProfile"); }
    virtual void setQuantizationFlags() { unexpected("VBuilderConfig::setQuantizationFlags"); }
    virtual void getQuantizationFlags() { unexpected("VBuilderConfig::getQuantizationFlags"); }
    virtual void clearQuantizationFlag() { unexpected("VBuilderConfig::clearQuantizationFlag"); }
    virtual void setQuantizationFlag() { unexpected("VBuilderConfig::setQuantizationFlag"); }
    virtual void getQuantizationFlag() { unexpected("VBuilderConfig::getQuantizationFlag"); }
    virtual void setTacticSources() { unexpected("VBuilderConfig::setTacticSources"); }
    virtual void getTacticSources() { unexpected("VBuilderConfig::getTacticSources"); }
    virtual ITimingCache* createTimingCache(void const* blob, std::size_t size) const noexcept { unexpected("VBuilderConfig::createTimingCache"); }
    virtual bool setTimingCache(ITimingCache const& cache, bool ignoreMismatch) noexcept { unexpected("VBuilderConfig::setTimingCache"); }
    virtual ITimingCache const* getTimingCache() const noexcept { unexpected("VBuilderConfig::getTimingCache"); }
    virtual void setMemoryPoolLimit(MemoryPoolType pool, std::size_t poolSize) noexcept { unexpected("VBuilderConfig::setMemoryPoolLimit"); }
    virtual void getMemoryPoolLimit() { unexpected("VBuilderConfig::getMemoryPoolLimit"); }
    virtual void setPreviewFeature() { unexpected("VBuilderConfig::setPreviewFeature"); }
    virtual void getPreviewFeature() { unexpected("VBuilderConfig::getPreviewFeature"); }
    virtual void setBuilderOptimizationLevel() { unexpected("VBuilderConfig::setBuilderOptimizationLevel"); }
    virtual void getBuilderOptimizationLevel() { unexpected("VBuilderConfig::getBuilderOptimizationLevel"); }
    virtual void setHardwareCompatibilityLevel() { unexpected("VBuilderConfig::setHardwareCompatibilityLevel"); }
    virtual void getHardwareCompatibilityLevel() { unexpected("VBuilderConfig::getHardwareCompatibilityLevel"); }
    virtual void setPluginsToSerialize() { unexpected("VBuilderConfig::setPluginsToSerialize"); }
    virtual void getPluginToSerialize() { unexpected("VBuilderConfig::getPluginToSerialize"); }
    virtual void getNbPluginsToSerialize() { unexpected("VBuilderConfig::getNbPluginsToSerialize"); }
    virtual void setMaxAuxStreams() { unexpected("VBuilderConfig::setMaxAuxStreams"); }
    virtual void getMaxAuxStreams() { unexpected("VBuilderConfig::getMaxAuxStreams"); }
    virtual void setProgressMonitor() { unexpected("VBuilderConfig::setProgressMonitor"); }
    virtual void getProgressMonitor() { unexpected("VBuilderConfig::getProgressMonitor"); }
    virtual void setRuntimePlatform() { unexpected("VBuilderConfig::setRuntimePlatform"); }
    virtual void getRuntimePlatform() { unexpected("VBuilderConfig::getRuntimePlatform"); }
    virtual void setMaxNbTactics() { unexpected("VBuilderConfig::setMaxNbTactics"); }
    virtual void getMaxNbTactics() { unexpected("VBuilderConfig::getMaxNbTactics"); }
    virtual void setTilingOptimizationLevel() { unexpected("VBuilderConfig::setTilingOptimizationLevel"); }
    virtual void getTilingOptimizationLevel() { unexpected("VBuilderConfig::getTilingOptimizationLevel"); }
    virtual void setL2LimitForTiling() { unexpected("VBuilderConfig::setL2LimitForTiling"); }
    virtual void getL2LimitForTiling() { unexpected("VBuilderConfig::getL2LimitForTiling"); }
    virtual void setRemoteAutoTuningConfig() { unexpected("VBuilderConfig::setRemoteAutoTuningConfig"); }
    virtual void getRemoteAutoTuningConfig() { unexpected("VBuilderConfig::getRemoteAutoTuningConfig"); }
};

class VTimingCache : public VRoot {
public:
    virtual IHostMemory* serialize() const noexcept { unexpected("VTimingCache::serialize"); }
    virtual void combine() { unexpected("VTimingCache::combine"); }
    virtual void reset() { unexpected("VTimingCache::reset"); }
    virtual void queryKeys() { unexpected("VTimingCache::queryKeys"); }
    virtual void query() { unexpected("VTimingCache::query"); }
    virtual void update() { unexpected("VTimingCache::update"); }
};

class VBuilder : public VRoot {
public:
    virtual void platformHasFastFp16() { unexpected("VBuilder::platformHasFastFp16"); }
    virtual void platformHasFastInt8() { unexpected("VBuilder::platformHasFastInt8"); }
    virtual void getMaxDLABatchSize() { unexpected("VBuilder::getMaxDLABatchSize"); }
    virtual void getNbDLACores() { unexpected("VBuilder::getNbDLACores"); }
    virtual void setGpuAllocator() { unexpected("VBuilder::setGpuAllocator"); }
    virtual IBuilderConfig* createBuilderConfig() noexcept { unexpected("VBuilder::createBuilderConfig"); }
    virtual INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept { unexpected("VBuilder::createNetworkV2"); }
    virtual IOptimizationProfile* createOptimizationProfile() noexcept { unexpected("VBuilder::createOptimizationProfile"); }
    virtual void setErrorRecorder() { unexpected("VBuilder::setErrorRecorder"); }
    virtual void getErrorRecorder() { unexpected("VBuilder::getErrorRecorder"); }
    virtual void reset() { unexpected("VBuilder::reset"); }
    virtual void platformHasTf32() { unexpected("VBuilder::platformHasTf32"); }
    virtual IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept { unexpected("VBuilder::buildSerializedNetwork"); }
    virtual void isNetworkSupported() { unexpected("VBuilder::isNetworkSupported"); }
    virtual void getLogger() { unexpected("VBuilder::getLogger"); }
    virtual void setMaxThreads() { unexpected("VBuilder::setMaxThreads"); }
    virtual void getMaxThreads() { unexpected("VBuilder::getMaxThreads"); }
    virtual void getPluginRegistry() { unexpected("VBuilder::getPluginRegistry"); }
    virtual void buildEngineWithConfig() { unexpected("VBuilder::buildEngineWithConfig"); }
    virtual void buildSerializedNetworkToStream() { unexpected("VBuilder::buildSerializedNetworkToStream"); }
    virtual void buildSerializedNetworkWithKernelText() { unexpected("VBuilder::buildSerializedNetworkWithKernelText"); }
};

class IHostMemory : public INoCopy {
protected:
    VHostMemory* mImpl;
};
class IRuntime : public INoCopy {
protected:
    VRuntime* mImpl;
};
class IOptimizationProfile : public INoCopy {
protected:
    VOptimizationProfile* mImpl;
};
class ICudaEngine : public INoCopy {
protected:
    VCudaEngine* mImpl;
};
class IExecutionContext : public INoCopy {
protected:
    VExecutionContext* mImpl;
};
class IEngineInspector : public INoCopy {
protected:
    VEngineInspector* mImpl;
};
class ITensor : public INoCopy {
protected:
    VTensor* mImpl;
};
class INetworkDefinition : public INoCopy {
protected:
    VNetworkDefinition* mImpl;
};
class IBuilderConfig : public INoCopy {
protected:
    VBuilderConfig* mImpl;
};
class ITimingCache : public INoCopy {
protected:
    VTimingCache* mImpl;
};
class IBuilder : public INoCopy {
protected:
    VBuilder* mImpl;
};

}  // namespace nvinfer1

namespace nvonnxparser {

class IParserError {
public:
    virtual void code() { unexpected("IParserError::code"); }
    virtual char const* desc() const { unexpected("IParserError::desc"); }
    virtual void file() { unexpected("IParserError::file"); }
    virtual void line() { unexpected("IParserError::line"); }
    virtual void func() { unexpected("IParserError::func"); }
    virtual int node() const { unexpected("IParserError::node"); }
    virtual char const* nodeName() const { unexpected("IParserError::nodeName"); }
    virtual char const* nodeOperator() const { unexpected("IParserError::nodeOperator"); }
    virtual void localFunctionStack() { unexpected("IParserError::localFunctionStack"); }
    virtual void localFunctionStackSize() { unexpected("IParserError::localFunctionStackSize"); }
    virtual ~IParserError() = default;
};

class IParser {
public:
    virtual void parse() { unexpected("IParser::parse"); }
    virtual bool parseFromFile(const char* onnxModelFile, int verbosity) noexcept { unexpected("IParser::parseFromFile"); }
    virtual void supportsModel() { unexpected("IParser::supportsModel"); }
    virtual void parseWithWeightDescriptors() { unexpected("IParser::parseWithWeightDescriptors"); }
    virtual void supportsOperator() { unexpected("IParser::supportsOperator"); }
    virtual int getNbErrors() const noexcept { unexpected("IParser::getNbErrors"); }
    virtual IParserError const* getError(int index) const noexcept { unexpected("IParser::getError"); }
    virtual void clearErrors() { unexpected("IParser::clearErrors"); }
    virtual ~IParser() = default;
    virtual void getUsedVCPluginLibraries() { unexpected("IParser::getUsedVCPluginLibraries"); }
    virtual void setFlags() { unexpected("IParser::setFlags"); }
    virtual void getFlags() { unexpected("IParser::getFlags"); }
    virtual void clearFlag() { unexpected("IParser::clearFlag"); }
    virtual void setFlag() { unexpected("IParser::setFlag"); }
    virtual void getFlag() { unexpected("IParser::getFlag"); }
    virtual void getLayerOutputTensor() { unexpected("IParser::getLayerOutputTensor"); }
    virtual void supportsModelV2() { unexpected("IParser::supportsModelV2"); }
    virtual void getNbSubgraphs() { unexpected("IParser::getNbSubgraphs"); }
    virtual void isSubgraphSupported() { unexpected("IParser::isSubgraphSupported"); }
    virtual void getSubgraphNodes() { unexpected("IParser::getSubgraphNodes"); }
    virtual void loadModelProto() { unexpected("IParser::loadModelProto"); }
    virtual void loadInitializer() { unexpected("IParser::loadInitializer"); }
    virtual void parseModelProto() { unexpected("IParser::parseModelProto"); }
    virtual void setBuilderConfig() { unexpected("IParser::setBuilderConfig"); }
};

}  // namespace nvonnxparser

#pragma GCC diagnostic pop
